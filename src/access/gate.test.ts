import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type JudgingRooms,
  openedPerTest,
  openJudgingRooms,
  type Phone,
  policyOf,
  storeFile,
  until,
} from '../../test/fake/judging-rooms.ts'
import { createManualClock, day, minute, second } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import type { NodeAccess } from './access.ts'
import { type DecisionTable, decisionTable } from './conditions/table.ts'
import { type Admission, createGate } from './gate.ts'
import { type AccessPolicies, defaultAccessPolicies } from './policy.ts'

const start = Date.UTC(2026, 2, 1)
const { endings, open } = openedPerTest()

type Options = NonNullable<Parameters<typeof openJudgingRooms>[0]>

const enforcing = { state: 'enforcing', scope: 'all' } as const
const exchangeOnline = { ...defaultAccessPolicies.exchangeOnline, enabled: true }

/** A site that enforces the Exchange Online policy, and the one compliance rule that a password is set. */
async function openEnforcing(options: Options = {}, parts: Partial<AccessPolicies> = {}) {
  const rooms = await open(options)
  await rooms.compliance.deploy([policyOf({ passwordRequired: true })], 'test')
  await rooms.access.change({ enforcement: enforcing, exchangeOnline, ...parts }, 'test')
  return rooms
}

const request = ({ user, partnership }: { user: UserId; partnership: PartnershipId }) =>
  ({ protocol: 'eas', user, partnership }) as const

async function healthyPhone(rooms: JudgingRooms, name = 'alice'): Promise<Phone> {
  const { id } = await rooms.user(name)
  const phone = await rooms.phone(id, { passwordRequired: true })
  await until(async () => (await rooms.gate.admit(request(phone))).decision.outcome === 'allow')
  return phone
}

const withdrawn = (admission: Admission) => until(() => admission.withdrawn.aborted)

const savedOf = async ({ access }: JudgingRooms, partnership: PartnershipId) =>
  (await access.decisions()).get(partnership)

describe('the way of one phone', () => {
  it('unknown, enrolled, healthy, sick, healthy again: what is held ends at each step', async () => {
    const rooms = await openEnforcing()
    const { gate, devices } = rooms
    const { id: user } = await rooms.user('alice')
    const { id: partnership } = await rooms.client(user)
    const first = await gate.admit(request({ user, partnership }))
    assert.equal(first.decision.outcome, 'quarantine')
    assert.equal(first.decision.stateReason, 'notEnrolled')
    const device = await devices.enroll({ owner: user, name: 'phone', channel: 'report' })
    await devices.activate(partnership, device)
    const phone = { user, partnership, device }
    await rooms.report(phone, { platform: 'iOS', passwordRequired: true })
    // What the door held in quarantine ends, so that the client comes back and finds its mail.
    await withdrawn(first)
    // The report is judged after it was kept.
    await until(async () => (await gate.admit(request(phone))).decision.outcome === 'allow')
    const second = await gate.admit(request(phone))
    assert.equal(second.withdrawn.aborted, false)
    await rooms.report(phone, { passwordRequired: false })
    await withdrawn(second)
    const third = await gate.admit(request(phone))
    assert.equal(third.decision.outcome, 'quarantine')
    assert.deepEqual(
      third.decision.reasons.map(({ code }) => code),
      ['notCompliant', 'passwordRequired'],
    )
    await rooms.report(phone, { passwordRequired: true })
    await withdrawn(third)
    assert.equal((await gate.admit(request(phone))).decision.outcome, 'allow')
  })

  it('the decision is saved, logged and told before it is answered, once', async () => {
    const { url, remove } = storeFile()
    endings.push(remove)
    const rooms = await openEnforcing({ url })
    const { id: user } = await rooms.user('alice')
    const { id: partnership } = await rooms.client(user)
    const news = await rooms.hear('access.changed')
    await rooms.gate.admit(request({ user, partnership }))
    const saved = await savedOf(rooms, partnership)
    assert.equal(saved?.state, 'quarantined')
    for (let round = 0; round < 10; round++) await rooms.gate.admit(request({ user, partnership }))
    assert.deepEqual(
      (await news()).map(({ body }) => body),
      [
        {
          partnership,
          user,
          outcome: 'quarantine',
          state: 'quarantined',
          stateReason: 'notEnrolled',
        },
      ],
    )
    const log = await rooms.access.log({ limit: 10 })
    assert.equal(log.length, 1)
    assert.equal(log[0]?.was, undefined)
    assert.equal(log[0]?.path.at(-1), 'notEnrolled')
    assert.equal((await savedOf(rooms, partnership))?.requests, 11)
    await rooms.access.stop()
    const again = await open({ url })
    assert.deepEqual(await savedOf(again, partnership), { ...saved, requests: 11 })
  })

  it('while the site observes, all is told and nobody is stopped; then enforcing reaches who is connected', async () => {
    const rooms = await openEnforcing({}, { enforcement: { state: 'observing', scope: 'all' } })
    const { id: user } = await rooms.user('alice')
    const { id: partnership } = await rooms.client(user)
    const admission = await rooms.gate.admit(request({ user, partnership }))
    const { outcome, judged, enforced } = admission.decision
    assert.deepEqual(
      { outcome, judged, enforced },
      { outcome: 'allow', judged: 'quarantine', enforced: false },
    )
    await rooms.access.change({ enforcement: enforcing }, 'test')
    await withdrawn(admission)
    // A client that would be allowed either way must come back too: the door treats it otherwise from now on.
    const allowed = await rooms.gate.admit(request(await healthyPhone(rooms, 'bob')))
    await rooms.access.change({ enforcement: { state: 'observing', scope: 'all' } }, 'test')
    await withdrawn(allowed)
  })
})

describe('what ends an admission', () => {
  it('a policy, a group, a disabled account, a word of an administrator, a retired device, a dropped partnership', async () => {
    const rooms = await openEnforcing()
    const { directory, devices, access, gate } = rooms
    const staff = await directory.addGroup('staff')
    const phones = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => healthyPhone(rooms, name)),
    )
    const [a, b, c, d, e, f] = phones as [Phone, Phone, Phone, Phone, Phone, Phone]
    const held = await Promise.all(phones.map((phone) => gate.admit(request(phone))))
    const ends: [Phone, () => Promise<unknown>, string][] = [
      [a, () => directory.changeUser(a.user, { enabled: false }), 'userDisabled'],
      [b, () => access.judgePersonally(b.partnership, 'block', 'test'), 'exchangeIndividualRule'],
      [c, () => devices.retire(c.device), 'notEnrolled'],
      [d, () => devices.forget(d.partnership), 'unknown'],
      [
        e,
        async () => {
          await directory.changeMembers(staff.id, { add: [e.user] })
          const scope = { ...exchangeOnline, exempt: [staff.id] }
          const organization = {
            ...defaultAccessPolicies.organization,
            defaultAccessLevel: 'block',
          }
          await access.change(
            { exchangeOnline: scope, organization } as Partial<AccessPolicies>,
            'test',
          )
        },
        'exchangeGlobalRule',
      ],
    ]
    for (const [index, [phone, end, reason]] of ends.entries()) {
      assert.equal(held[index]?.withdrawn.aborted, false, reason)
      await end()
      await withdrawn(held[index] ?? assert.fail())
      assert.equal((await gate.admit(request(phone))).decision.stateReason, reason)
    }
    assert.equal(held[5]?.withdrawn.aborted, false, 'and nobody else')
    assert.equal((await gate.admit(request(f))).decision.outcome, 'allow')
  })

  it('nothing, once it was released', async () => {
    const rooms = await openEnforcing()
    const phone = await healthyPhone(rooms)
    const [one, two] = [
      await rooms.gate.admit(request(phone)),
      await rooms.gate.admit(request(phone)),
    ]
    one.release()
    one.release()
    await rooms.access.judgePersonally(phone.partnership, 'block', 'test')
    await withdrawn(two)
    assert.equal(one.withdrawn.aborted, false)
  })

  it('grace runs out at its moment, by the gate and in what is kept', async () => {
    const clock = createManualClock(start)
    const rooms = await open({ clock })
    const { gate, compliance, access } = rooms
    await compliance.deploy(
      [policyOf({ passwordRequired: true }, { gracePeriodHours: 24 })],
      'test',
    )
    await access.change({ enforcement: enforcing, exchangeOnline }, 'test')
    const { id } = await rooms.user('alice')
    const phone = await rooms.phone(id, { passwordRequired: false })
    await until(async () => (await gate.admit(request(phone))).decision.outcome === 'allow')
    const admission = await gate.admit(request(phone))
    assert.equal(admission.decision.recheckAt, start + day)
    clock.advance(day - 1)
    assert.equal(admission.withdrawn.aborted, false)
    clock.advance(1)
    assert.equal(admission.withdrawn.aborted, true)
    await until(async () => (await savedOf(rooms, phone.partnership))?.state === 'quarantined')
  })

  it('a verdict that has run out is given again before anyone passes on it', async () => {
    const clock = createManualClock(start)
    const rooms = await open({ clock, noAlarms: true })
    await rooms.compliance.deploy([policyOf({ maximumReportAgeHours: 24 })], 'test')
    await rooms.access.change({ enforcement: enforcing, exchangeOnline }, 'test')
    const phone = await healthyPhone(rooms)
    clock.advance(day - 1)
    assert.equal((await rooms.gate.admit(request(phone))).decision.outcome, 'allow')
    clock.advance(1)
    const { decision } = await rooms.gate.admit(request(phone))
    assert.equal(decision.stateReason, 'notCompliant')
    assert.equal(decision.reasons[1]?.code, 'maximumReportAgeHours')
  })
})

describe('Exchange’s own rules through the gate', () => {
  it('a new client waits for its own word, then is judged by it; after 14 minutes without it as well', async () => {
    const clock = createManualClock(start)
    const rooms = await open({ clock })
    const rule = {
      name: 'no old systems',
      characteristic: 'DeviceOS',
      queryString: 'iOS 6.1 10B142',
      accessLevel: 'block',
    } as const
    await rooms.access.change({ enforcement: enforcing, deviceAccessRules: [rule] }, 'test')
    const { id: user } = await rooms.user('alice')
    const clients = await Promise.all([rooms.client(user), rooms.client(user), rooms.client(user)])
    const held = await Promise.all(
      clients.map(({ id }) => rooms.gate.admit(request({ user, partnership: id }))),
    )
    for (const { decision } of held) assert.equal(decision.state, 'deviceDiscovery')
    const tell = (index: number, value: string) =>
      rooms.devices.observe(
        clients[index]?.id ?? assert.fail(),
        { operatingSystem: { value, trust: 'claimed', source: 'eas', at: start } },
        true,
      )
    await tell(0, 'iOS 18.1 22B83')
    await tell(1, 'iOS 6.1 10B142')
    const states = async () => {
      const decisions = await rooms.access.decisions()
      return clients.map(({ id }) => decisions.get(id)?.state).join()
    }
    await until(async () => (await states()) === 'allowed,blocked,deviceDiscovery')
    await withdrawn(held[0] ?? assert.fail())
    clock.advance(14 * minute)
    await withdrawn(held[2] ?? assert.fail())
    await until(async () => (await states()) === 'allowed,blocked,allowed')
  })

  it('F37 step 3: a client that refuses the mailbox policy is blocked until it takes it', async () => {
    const { url, remove } = storeFile()
    endings.push(remove)
    const rooms = await openJudgingRooms({ url })
    await rooms.access.change({ enforcement: enforcing }, 'test')
    const { id: user } = await rooms.user('alice')
    const { id: partnership } = await rooms.client(user)
    const ask = { protocol: 'eas', user, partnership } as const
    assert.equal((await rooms.gate.admit(ask)).decision.outcome, 'allow')
    const refused = await rooms.gate.admit({ ...ask, policyRefused: true })
    assert.equal(refused.decision.stateReason, 'exchangeMailboxPolicy')
    assert.equal((await rooms.gate.admit(ask)).decision.outcome, 'block')
    await rooms.stop()
    const again = await open({ url })
    assert.equal((await again.gate.admit(ask)).decision.stateReason, 'exchangeMailboxPolicy')
    const taken = await again.gate.admit({ ...ask, policyRefused: false })
    assert.equal(taken.decision.outcome, 'allow')
  })
})

describe('faults', () => {
  const faulty = (plant: (table: DecisionTable) => DecisionTable) => ({
    table: plant(decisionTable),
  })
  const fault = () => {
    throw new Error('planted')
  }

  it('an exception in any condition refuses with `internal`, is logged with its id, and is never saved', async () => {
    const logged: string[] = []
    const log: Log = {
      info: () => {},
      warn: () => {},
      error(_event, thrown) {
        const id = `id-${logged.length}`
        logged.push(`${id} ${thrown instanceof Error ? thrown.message : ''}`)
        return id
      },
    }
    const planted: [string, DecisionTable][] = [
      [
        'enforcement',
        { ...decisionTable, enforcement: { ...decisionTable.enforcement, matches: fault } },
      ],
      [
        'targeting',
        { ...decisionTable, targeting: { ...decisionTable.targeting, matches: fault } },
      ],
      ...decisionTable.steps.map(({ condition }): [string, DecisionTable] => [
        condition.name,
        {
          ...decisionTable,
          steps: decisionTable.steps.map((step) =>
            step.condition === condition
              ? { ...step, condition: { ...condition, judge: fault } }
              : step,
          ),
        },
      ]),
    ]
    for (const [name, table] of planted) {
      const rooms = await openJudgingRooms({ ...faulty(() => table), log })
      await rooms.compliance.deploy([policyOf({ passwordRequired: true })], 'test')
      // Both ways through the table, so that each step is asked by one of them.
      const clients: { user: UserId; partnership: PartnershipId }[] = []
      const staff = await rooms.directory.addGroup('staff')
      const approved = { ...exchangeOnline, targeted: [staff.id], requireApproval: true }
      await rooms.access.change({ enforcement: enforcing, exchangeOnline: approved }, 'test')
      const alice = await rooms.user('alice')
      await rooms.directory.changeMembers(staff.id, { add: [alice.id] })
      const phone = await rooms.phone(alice.id, { passwordRequired: true })
      const judged = () => rooms.compliance.verdict(phone.device)
      await until(async () => (await judged())?.state === 'compliant')
      await rooms.access.judgePersonally(phone.partnership, 'allow', 'test')
      clients.push(phone)
      const bob = await rooms.user('bob')
      clients.push({ user: bob.id, partnership: (await rooms.client(bob.id)).id })
      const before = logged.length
      const outcomes = await Promise.all(clients.map((one) => rooms.gate.admit(request(one))))
      const faults = outcomes.filter(({ decision }) => decision.stateReason === 'internal')
      assert.ok(faults.length > 0, `${name} was never asked`)
      for (const { decision } of faults) {
        assert.equal(decision.outcome, 'block')
        const id = String(decision.reasons[0]?.measured)
        assert.ok(logged.slice(before).includes(`${id} planted`), 'the id is in the log')
      }
      const kept = await rooms.access.decisions()
      for (const [index, { decision }] of outcomes.entries())
        if (decision.stateReason === 'internal')
          assert.equal(kept.get(clients[index]?.partnership ?? 'prt_'), undefined)
      const { decision } = await rooms.gate.explain(
        request(clients[outcomes.indexOf(faults[0] ?? assert.fail())] ?? assert.fail()),
        Date.now(),
      )
      assert.equal(decision.stateReason, 'internal')
      await rooms.stop()
    }
  })

  it('a node that lags the journal refuses, keeps nothing of it, and ends what it holds', async () => {
    const clock = createManualClock(start)
    const rooms = await openEnforcing({ clock })
    const phone = await healthyPhone(rooms)
    let behind = 0
    const { deciding } = rooms.access
    const lagging: NodeAccess = {
      ...rooms.access,
      deciding: {
        ...deciding,
        live: { ...deciding.live, freshAt: () => clock.now() - behind },
      },
    }
    const { compliance } = rooms
    const gate = createGate({ access: lagging, compliance, clock, log: { ...silent } })
    const admission = await gate.admit(request(phone))
    behind = limits.journalLagMs.value
    assert.equal((await gate.admit(request(phone))).decision.outcome, 'allow')
    behind += 1
    const refused = (await gate.admit(request(phone))).decision
    assert.equal(refused.outcome, 'block')
    assert.equal(refused.stateReason, 'behind')
    clock.advance(second)
    assert.equal(admission.withdrawn.aborted, true)
    assert.equal((await savedOf(rooms, phone.partnership))?.state, 'allowed')
    behind = 0
    assert.equal((await gate.admit(request(phone))).decision.outcome, 'allow')
  })

  it('a store that is gone refuses', async () => {
    const rooms = await openJudgingRooms()
    await rooms.access.change({ enforcement: enforcing }, 'test')
    const { id: user } = await rooms.user('alice')
    const { id: partnership } = await rooms.client(user)
    await rooms.stop()
    const { decision } = await rooms.gate.admit(request({ user, partnership }))
    assert.equal(decision.outcome, 'block')
  })

  it('a partnership that is not known, or is another user’s, is refused', async () => {
    const rooms = await openEnforcing()
    const phone = await healthyPhone(rooms)
    const { id: bob } = await rooms.user('bob')
    const partnership = `prt_${'0'.repeat(26)}` as const
    for (const ask of [
      { user: phone.user, partnership },
      { ...phone, user: bob },
    ]) {
      const { decision } = await rooms.gate.admit(request(ask))
      assert.equal(decision.outcome, 'block')
      assert.equal(decision.stateReason, 'unknown')
      const explained = await rooms.gate.explain(request(ask), start)
      assert.equal(explained.decision.stateReason, 'unknown')
    }
  })
})

const silent: Log = { info: () => {}, warn: () => {}, error: () => 'id' }
