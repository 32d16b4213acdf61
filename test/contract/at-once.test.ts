import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { defaultSiteCompliance, judgeDevice } from '../../src/compliance/judge.ts'
import type { GroupId } from '../../src/directory/directory.ts'
import {
  type JudgingRooms,
  openJudgingRooms,
  type Phone,
  policyOf,
  until,
} from '../fake/judging-rooms.ts'
import { type NewUrl, onPostgres, onSqlite } from './engines.ts'

// A report and its verdict are one transaction, and what that verdict rests on is what is true in it: on whatever node.

type Nodes = readonly [JudgingRooms, JudgingRooms]

const stateOf = async ({ compliance }: JudgingRooms, { device }: Phone) =>
  (await compliance.verdict(device))?.state

/** Some node changes what devices are judged by, and the other has not heard of it when a device reports there. */
async function neverLags([one, two]: Nodes): Promise<void> {
  const { id } = await one.user('alice')
  const { id: group } = await one.directory.addGroup('staff')
  const phone = await one.phone(id, { passwordMinimumLength: 6 })
  for (const [length, state] of [
    [8, 'noncompliant'],
    [4, 'compliant'],
    [7, 'noncompliant'],
  ] as const) {
    await one.compliance.deploy([policyOf({ passwordMinimumLength: length })], 'test')
    await two.report(phone, { passwordMinimumLength: 6 })
    assert.equal(await stateOf(two, phone), state)
  }
  const staff = policyOf({ passwordMinimumLength: 8 }, { assignedTo: [group] })
  await two.compliance.deploy([staff], 'test')
  for (const member of [true, false, true]) {
    await one.directory.changeMembers(group, { [member ? 'add' : 'remove']: [id] })
    await two.report(phone, { passwordMinimumLength: 6 })
    assert.equal(await stateOf(two, phone), member ? 'noncompliant' : 'compliant')
  }
}

type Step = { readonly node: 0 | 1 } & (
  | { readonly report: number; readonly length: number }
  | { readonly demand: number; readonly spare: boolean }
  | { readonly member: boolean }
  | { readonly check: number }
)

const anyLength = fc.integer({ min: 1, max: 9 })
const onNode = { node: fc.constantFrom(0 as const, 1 as const) }
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ...onNode, report: fc.nat(2), length: anyLength }) },
  { weight: 2, arbitrary: fc.record({ ...onNode, demand: anyLength, spare: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ ...onNode, member: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ ...onNode, check: fc.nat(2) }) },
)

/** All at once on both nodes; when all is quiet, each verdict is what is true then. */
async function lawOfRaces(nodes: Nodes): Promise<void> {
  const [one] = nodes
  const { id } = await one.user('bob')
  const { id: group } = await one.directory.addGroup('guests')
  const phones: Phone[] = []
  for (let n = 0; n < 3; n++) phones.push(await one.phone(id, { passwordMinimumLength: 5 }))
  const take = async (step: Step) => {
    const rooms = nodes[step.node]
    if ('report' in step)
      await rooms.report(phones[step.report] ?? assert.fail(), {
        passwordMinimumLength: step.length,
      })
    else if ('check' in step)
      await rooms.compliance.check((phones[step.check] ?? assert.fail()).device)
    else if ('member' in step)
      await rooms.directory.changeMembers(group, { [step.member ? 'add' : 'remove']: [id] })
    else {
      const excluded = step.spare ? [group] : []
      const policy = policyOf({ passwordMinimumLength: step.demand }, { excluded })
      await rooms.compliance.deploy([policy], 'test')
    }
  }
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 2, maxLength: 12 }), async (steps) => {
      await Promise.all(steps.map(take))
      for (const phone of phones) await until(() => isTrue(one, phone, group))
    }),
    { numRuns: 8 },
  )
}

async function isTrue(rooms: JudgingRooms, phone: Phone, group: GroupId): Promise<boolean> {
  const { compliance, devices, directory } = rooms
  const device = (await devices.find(phone.device)) ?? assert.fail()
  const saved = await compliance.verdict(phone.device)
  if (!saved) return false
  const { device: _, judgedAt: __, recheckAt: ___, ...before } = saved
  const { groups } = await directory.everybody()
  const isIn = groups.some(({ id, members }) => id === group && members.length > 0)
  const subject = {
    facts: device.facts,
    platform: 'iOS' as const,
    lastReportAt: device.lastReportAt,
    memberships: new Set(isIn ? [group] : []),
    before: saved,
  }
  const policies = await compliance.policies()
  const { recheckAt: ____, ...now } = judgeDevice(
    subject,
    policies,
    defaultSiteCompliance,
    rooms.clock.now(),
  )
  return JSON.stringify(now) === JSON.stringify(before)
}

async function withNodes(url: string, count: 1 | 2, tell: (nodes: Nodes) => Promise<void>) {
  const one = await openJudgingRooms({ url })
  const two = count === 2 ? await openJudgingRooms({ url }) : one
  try {
    await tell([one, two])
  } finally {
    if (two !== one) await two.stop()
    await one.stop()
  }
}

function contract(count: 1 | 2, newUrl: NewUrl): void {
  it('a report is judged by what any node has changed before it', async () => {
    await withNodes(await newUrl(), count, neverLags)
  })
  it('law: whatever happens at once, the last verdict is that of now', async () => {
    await withNodes(await newUrl(), count, lawOfRaces)
  })
}

onSqlite('a report and its verdict on SQLite', (newUrl) => contract(1, newUrl))
onPostgres('a report and its verdict on two nodes over PostgreSQL', (newUrl) => contract(2, newUrl))
