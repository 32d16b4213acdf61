import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type JudgingRooms,
  openedPerTest,
  type PlainFacts,
  policyOf,
  told,
  until,
} from '../../test/fake/judging-rooms.ts'
import { createManualClock, day } from '../base/clock.ts'
import type { DeviceId } from '../devices/devices.ts'
import { defaultSiteCompliance, judgeDevice } from './judge.ts'
import type { CompliancePolicy } from './policy.ts'

// The room really runs here, so this also holds src/compliance/packed/noting.ts and src/compliance/hearing.ts.

const { open } = openedPerTest()
const start = Date.UTC(2026, 2, 1)

/** Which devices are read to be judged, since the last call. */
function listen({ devices }: JudgingRooms): () => readonly DeviceId[] {
  const find = devices.findDevices
  const read = new Set<DeviceId>()
  devices.findDevices = (ids, within) => {
    for (const id of ids) read.add(id)
    return find(ids, within)
  }
  return () => {
    const ids = [...read].sort()
    read.clear()
    return ids
  }
}

/** Resolves once all that was appended before has been judged. */
async function quiet({ store }: JudgingRooms): Promise<void> {
  // An entry that is taken moves the cursor; what is taken by nobody does not.
  await store.transact((tx) => store.journal.append(tx, 'device.observed', {}))
  const tables = store.db.withTables<{
    journal: { seq: number }
    journal_cursor: { name: string; seq: number }
  }>()
  const last = tables.selectFrom('journal').select(({ fn }) => fn.max('seq').as('seq'))
  const { seq: head } = await last.executeTakeFirstOrThrow()
  const cursor = tables.selectFrom('journal_cursor').select('seq').where('name', '=', 'compliance')
  await until(async () => ((await cursor.executeTakeFirst())?.seq ?? 0) >= head)
}

async function openFleet(reports: readonly PlainFacts[]) {
  const clock = createManualClock(start)
  const rooms = await open({ clock })
  const { devices } = rooms
  const [staff, guests] = [await rooms.user('staff'), await rooms.user('guest')]
  const group = await rooms.directory.addGroup('guests')
  await rooms.directory.changeMembers(group.id, { add: [guests.id] })
  const ids: DeviceId[] = []
  for (const [at, facts] of reports.entries()) {
    const owner = (at % 2 === 0 ? staff : guests).id
    const id = await devices.enroll({ owner, name: `phone ${at}`, channel: 'report' })
    await devices.observe(id, told({ platform: 'iOS', ...facts }, start), true)
    ids.push(id)
  }
  const at = (...places: number[]) => places.map((place) => ids[place] ?? assert.fail()).sort()
  return { ...rooms, clock, ids, at, guests, group: group.id, read: listen(rooms) }
}

const lengths = [4, 6, 8, 10].map((passwordMinimumLength) => ({ passwordMinimumLength }))

describe('judging anew after a change of policies', () => {
  it('reads the devices whose verdict could differ, and no other', async () => {
    const fleet = await openFleet(lengths)
    const { compliance, at, read } = fleet
    const demand = async (passwordMinimumLength: number, rest: Partial<CompliancePolicy> = {}) => {
      await compliance.deploy([policyOf({ passwordMinimumLength }, rest)], 'test')
      await quiet(fleet)
      return read()
    }
    await demand(4)
    assert.deepEqual(await demand(5), at(0))
    // The one that fails is told what is required.
    assert.deepEqual(await demand(6), at(0))
    assert.deepEqual(await demand(9), at(0, 1, 2))
    assert.deepEqual(await demand(4), at(0, 1, 2))
    assert.deepEqual(await demand(4, { description: 'Other words' }), [])
    assert.deepEqual(await demand(4, { gracePeriodHours: 24 }), [])
    // Every verdict names the policies.
    assert.deepEqual(await demand(4, { name: 'Other name' }), at(0, 1, 2, 3))
    const states = (await compliance.verdicts()).map(({ state }) => state)
    assert.deepEqual(new Set(states), new Set(['compliant']))
  })

  it('foreseeing a draft of policies reads the devices whose verdict it could change, and no other', async () => {
    const fleet = await openFleet(lengths)
    const { compliance, at, ids, read } = fleet
    const draft = async (passwordMinimumLength: number) => {
      const policy = policyOf({ passwordMinimumLength })
      const shifts = await (await compliance.prepare(() => [{ policy }], 'test')).shifts()
      return { named: [...shifts.keys()].sort(), read: read() }
    }
    await compliance.deploy([policyOf({ passwordMinimumLength: 4 })], 'test')
    await quiet(fleet)
    read()
    assert.deepEqual(await draft(7), { named: at(0, 1), read: at(0, 1) })
    assert.deepEqual(await draft(3), { named: [], read: [] })
    // What time alone has changed is not known: everybody was silent for too long.
    fleet.clock.advance(31 * day)
    assert.deepEqual((await draft(3)).read, [...ids].sort())
  })

  it('knows a device again once its report, or news of its owner, has been judged', async () => {
    const fleet = await openFleet(lengths)
    const { compliance, devices, directory, at, ids, guests, group, read } = fleet
    const demand = async (passwordMinimumLength: number) => {
      const all = policyOf({ passwordMinimumLength })
      const some = policyOf({ passwordRequired: true }, { name: 'guests', assignedTo: [group] })
      await compliance.deploy([all, some], 'test')
      await quiet(fleet)
      return read()
    }
    await demand(4)
    await demand(4)
    assert.deepEqual(await demand(3), [])
    await devices.observe(ids[3] ?? assert.fail(), told({ passwordMinimumLength: 1 }, start), true)
    await quiet(fleet)
    // It was judged as it reported, and nobody had to read it again.
    assert.deepEqual(read(), [])
    assert.deepEqual(await demand(2), at(3))
    await directory.changeMembers(group, { remove: [guests.id] })
    await quiet(fleet)
    assert.deepEqual(read(), at(1, 3))
    assert.deepEqual(await demand(1), at(3))
    const states = new Set((await compliance.verdicts()).map(({ state }) => state))
    assert.deepEqual(states, new Set(['compliant']))
  })

  it('law: whatever is changed in whatever order, each verdict is that of now', async () => {
    const fleet = await openFleet(lengths)
    const { compliance, devices, directory, ids, guests, group } = fleet
    const anyStep = fc.oneof(
      fc.record({ length: fc.integer({ min: 1, max: 12 }), spare: fc.boolean() }),
      fc.record({ report: fc.nat(3), length: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ member: fc.boolean() }),
    )
    const take = async (step: {
      length?: number
      spare?: boolean
      report?: number
      member?: boolean
    }) => {
      const { length = 1, spare = false, report, member } = step
      if (report !== undefined) {
        const facts = told({ passwordMinimumLength: length }, fleet.clock.now())
        await devices.observe(ids[report] ?? assert.fail(), facts, true)
      } else if (member !== undefined)
        await directory.changeMembers(group, { [member ? 'add' : 'remove']: [guests.id] })
      else {
        const settings = { passwordMinimumLength: length }
        const excluded = spare ? { excluded: [group] } : {}
        await compliance.deploy([policyOf(settings, excluded)], 'test')
      }
    }
    const steps = fc.array(anyStep, { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (all, patient) => {
        for (const step of all) {
          await take(step)
          if (patient) await quiet(fleet)
        }
        await quiet(fleet)
        const policies = await compliance.policies()
        for (const id of ids) {
          const device = (await devices.find(id)) ?? assert.fail()
          const saved = (await compliance.verdict(id)) ?? assert.fail()
          const { device: _, judgedAt: __, ...before } = saved
          const isGuest = device.owner === guests.id && (await isIn(fleet, group))
          const subject = {
            facts: device.facts,
            platform: 'iOS' as const,
            lastReportAt: device.lastReportAt,
            memberships: new Set(isGuest ? [group] : []),
            before,
          }
          assert.deepEqual(judgeDevice(subject, policies, defaultSiteCompliance, start), before)
        }
      }),
      { numRuns: 5 },
    )
  })
})

async function isIn({ directory }: Pick<JudgingRooms, 'directory'>, group: string) {
  const { groups } = await directory.everybody()
  return (groups.find(({ id }) => id === group)?.members ?? []).length > 0
}
