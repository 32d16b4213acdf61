import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DecisionTable, decisionTable } from '../../src/access/conditions/table.ts'
import { createLog } from '../../src/base/log.ts'
import type { ExplanationBody } from '../../src/graph/contract.ts'
import type { EasClient } from '../../src/phone/phone.ts'
import { hold, knownPhone, openSite, phonesPolicy, settle, type Site, subjects } from './site.ts'

const password = 'a secret that no log may hold'

interface Line {
  readonly event: string
  readonly code: string
  readonly id: string
  readonly cause: string
}

/** What throws just now: a step's name, and which of its functions. */
interface Fault {
  step: string
  part: 'judge' | 'until'
}

const none: Fault = { step: '', part: 'judge' }

test('an exception planted in any step refuses: no mail, the step in the log, and an id of that log for the administrator', async (t) => {
  const fault = { ...none }
  const { site, alice, bob, lines, text } = await openFaulty(t, fault)
  for (const { step, part, targeted } of everyPlace()) {
    const phone = targeted ? alice : bob
    const before = (await lines()).length
    Object.assign(fault, { step, part })
    // What was decided before holds until something changes: here, the groups of the user.
    await site.group(`${step} ${part}`, targeted ? 'alice' : 'bob')
    await assertRefused(phone, step)
    const { reasons, outcome } = await explained(site, phone)
    assert.equal(outcome, 'block')
    const [reason] = reasons
    assert.equal(reason?.code, 'internal', step)
    const told = (await lines()).slice(before)
    for (const { event, code, cause } of told) {
      assert.match(event, /^access\.(decide|explain)$/)
      assert.equal(code, 'internal', step)
      assert.match(cause, new RegExp(`planted in ${step}`))
    }
    assert.ok(told.some(({ event }) => event === 'access.decide'))
    assert.equal(told.find(({ id }) => id === reason?.measured)?.event, 'access.explain', step)
    Object.assign(fault, none)
    await settle(phone)
    assert.deepEqual(subjects(phone), ['Figures'], step)
  }
  const log = await text()
  for (const secret of [password, Buffer.from(password).toString('base64').slice(0, 20)])
    assert.ok(!log.includes(secret))
})

test('what is held ends when deciding begins to fail', async (t) => {
  const fault = { ...none }
  const { site, alice } = await openFaulty(t, fault)
  const held = await hold(alice)
  Object.assign(fault, { step: 'compliant' })
  await site.apply(...policies)
  assert.deepEqual(await held.ended(), [7, 12])
  await assertRefused(alice, 'compliant')
})

const policies = phonesPolicy('17.0', { exempt: ['Board'] })

/** Alice's phone is known and healthy; Bob is exempt. Both have their mail. */
async function openFaulty(t: TestContext, fault: Fault) {
  const folder = await mkdtemp(join(tmpdir(), 'postern-log-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'log')
  const log = createLog({ level: 'warn', destination: file })
  const site = await openSite(t, {}, { log, table: plant(fault) })
  const { house } = site
  for (const user of ['alice', 'bob']) {
    await house.addUser(user, password)
    await house.deliver(user, 'Figures')
  }
  await site.group('Board', 'bob')
  await site.apply(...policies)
  await site.enforce()
  const alice = await knownPhone(site, 'alice', 'ALICE1')
  const bob = house.phone('bob', 'BOB1')
  await settle(bob)
  const text = () => readFile(file, 'utf8')
  const lines = async () =>
    (await text())
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line)
  return { site, alice, bob, text, lines }
}

/** The usual steps, each of which throws when it is the one. */
function plant(fault: Fault): DecisionTable {
  const check = (step: string, part: Fault['part']) => {
    if (fault.step === step && fault.part === part) throw new Error(`planted in ${step}`)
  }
  const fork = (one: DecisionTable['enforcement']): DecisionTable['enforcement'] => ({
    ...one,
    matches(question) {
      check(one.name, 'judge')
      return one.matches(question)
    },
  })
  return {
    enforcement: fork(decisionTable.enforcement),
    targeting: fork(decisionTable.targeting),
    steps: decisionTable.steps.map(({ for: whom, condition }) => ({
      for: whom,
      condition: {
        ...condition,
        judge(question) {
          check(condition.name, 'judge')
          return condition.judge(question)
        },
        until(question) {
          check(condition.name, 'until')
          return condition.until?.(question)
        },
      },
    })),
  }
}

/** Every step in each of its functions, and whether a targeted user's phone comes to it. */
function everyPlace(): readonly (Fault & { targeted: boolean })[] {
  const forks = [decisionTable.enforcement, decisionTable.targeting].map(({ name }) => ({
    step: name,
    part: 'judge' as const,
    targeted: true,
  }))
  const steps = decisionTable.steps.flatMap(({ for: whom, condition: { name } }) =>
    (['judge', 'until'] as const).map((part) => ({
      step: name,
      part,
      targeted: whom !== 'untargeted',
    })),
  )
  return [...forks, ...steps]
}

/** No verdict on the device, since phones drop the account at one: come again later. */
async function assertRefused(phone: EasClient, what: string): Promise<void> {
  const seen = await phone.folderSync()
  assert.deepEqual([seen.http, seen.headers['retry-after'], seen.status], [503, '30', 111], what)
}

async function explained({ house, row }: Site, phone: EasClient): Promise<ExplanationBody> {
  const { id } = await row(phone.deviceId)
  return await house.administrator.call('GET', `/deviceManagement/managedDevices/${id}/explain`)
}
