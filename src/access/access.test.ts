import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect, isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import {
  type JudgingRooms,
  openedPerTest,
  openJudgingRooms,
  type Phone,
  policyOf,
  storeFile,
  until,
} from '../../test/fake/judging-rooms.ts'
import { createManualClock, day, hour } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { silentLog } from '../base/log.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { GroupId, UserId } from '../directory/directory.ts'
import { decide, isRefusal } from './decide.ts'
import { createLive } from './live.ts'
import { type AccessPolicies, type DeviceAccessRule, defaultAccessPolicies } from './policy.ts'
import type { Circumstances } from './request.ts'
import type { Snapshot } from './snapshot.ts'

// The rooms really run here, so this also holds src/access/keeping.ts, src/access/live.ts, src/access/people.ts,
// src/access/policy-change.ts, src/access/policy-check.ts, src/access/records.ts, src/access/redeciding.ts and src/access/snapshot.ts.

const start = Date.UTC(2026, 2, 1)
const { endings, open } = openedPerTest()

const invalid = (part: RegExp) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === 'policy.invalid' && part.test(thrown.detail)

const enforcement = { state: 'enforcing', scope: 'all' } as const
const exchangeOnline = { ...defaultAccessPolicies.exchangeOnline, enabled: true }
const { organization } = defaultAccessPolicies
const request = ({ user, partnership }: { user: UserId; partnership: PartnershipId }) =>
  ({ protocol: 'eas', user, partnership }) as const

describe('access policies', () => {
  it('begin with a site that observes and allows', async () => {
    const { access } = await open()
    assert.deepEqual(await access.policies(), defaultAccessPolicies)
  })

  it('and compliance policies are changed together or not at all', async () => {
    const { access, compliance } = await open()
    const deploy = () =>
      compliance.prepare(() => [{ policy: policyOf({ passwordRequired: true }) }], 'test')
    const twice = { name: 'a', characteristic: 'DeviceType', queryString: 'x' } as const
    const rules = [twice, twice].map((rule) => ({ ...rule, accessLevel: 'block' }) as const)
    await assert.rejects(access.change({ deviceAccessRules: rules }, 'admin', deploy))
    const failing: typeof deploy = async () => {
      const prepared = await deploy()
      const write: typeof prepared.write = async (tx) => {
        await prepared.write(tx)
        throw new Error('the disk is full')
      }
      return { ...prepared, write }
    }
    await assert.rejects(access.change({ exchangeOnline }, 'admin', failing), /the disk is full/)
    assert.deepEqual(
      [await access.policies(), await compliance.policies()],
      [defaultAccessPolicies, []],
    )
    await access.change({ exchangeOnline }, 'admin', deploy)
    assert.equal((await compliance.policies()).length, 1)
    assert.equal((await access.policies()).exchangeOnline.enabled, true)
  })

  it('are replaced part by part, and the whole comes back', async () => {
    const rooms = await open()
    const { access } = rooms
    const { id } = await rooms.directory.addGroup('staff')
    const alice = await rooms.user('alice')
    const news = await rooms.hear('access.policies')
    const parts: Partial<AccessPolicies> = {
      exchangeOnline: { ...exchangeOnline, targeted: [id] },
      semantics: { afterPolicy: 'exceptions', unmetPolicy: 'block', activation: 'matched' },
      autoblock: [
        { behavior: 'Watsons', incidenceLimit: 2, incidenceMinutes: 60, blockMinutes: 10 },
      ],
      deviceAccessRules: [
        { name: 'a', characteristic: 'DeviceType', queryString: 'iPhone', accessLevel: 'block' },
      ],
      conditionalAccess: defaultAccessPolicies.conditionalAccess,
      organization: { ...organization, userMailInsert: 'x'.repeat(256) },
      enforcement: { state: 'enforcing', scope: [id] },
      lockout: {
        breakGlassUsers: [alice.id],
        breakGlassGroups: [id],
        mostPercent: 5,
        leastClients: 3,
      },
      casMailboxes: [
        { user: alice.id, activeSyncEnabled: false, allowedDeviceIds: [], blockedDeviceIds: ['X'] },
      ],
    }
    assert.deepEqual(await access.change(parts, 'admin'), parts)
    assert.deepEqual(await access.policies(), parts)
    const calm = await access.change({ deviceAccessRules: [] }, 'admin')
    assert.deepEqual(calm, { ...parts, deviceAccessRules: [] })
    assert.deepEqual(
      (await news()).map(({ body }) => body),
      [{ actor: 'admin' }, { actor: 'admin' }],
    )
  })

  it('F38 a wildcard is refused, and so is all that is not understood; nothing of it is applied', async () => {
    const { access } = await open()
    const rule = (queryString: string, rest = {}) => ({
      deviceAccessRules: [
        { name: 'r', characteristic: 'DeviceModel', accessLevel: 'block', queryString, ...rest },
      ],
    })
    const bad: [unknown, RegExp][] = [
      [rule('iPhone*'), /wildcard/],
      [rule('iPhone?'), /wildcard/],
      [rule(''), /queryString/],
      [rule('iPhone', { accessLevel: 'maybe' }), /accessLevel/],
      [rule('iPhone', { characteristic: 'Colour' }), /characteristic/],
      [rule('iPhone', { priority: 1 }), /priority|nrecognized/],
      [{ organization: { ...organization, userMailInsert: 'x'.repeat(257) } }, /userMailInsert/],
      [{ exchangeOnline: { ...exchangeOnline, targeted: ['grp_nobody'] } }, /no group grp_nobody/],
      [{ exchangeOnline: { ...exchangeOnline, exempt: ['grp_nobody'] } }, /no group grp_nobody/],
      [
        { exchangeOnline: { ...exchangeOnline, supportedPlatforms: ['amiga'] } },
        /supportedPlatforms/,
      ],
      [{ enforcement: { state: 'enforcing', scope: ['grp_nobody'] } }, /no group grp_nobody/],
      [{ enforcement: { state: 'sleeping', scope: 'all' } }, /enforcement/],
      [{ everything: true }, /everything|nrecognized/],
    ]
    for (const [parts, part] of bad) {
      const both = { enforcement, ...(parts as Partial<AccessPolicies>) }
      await assert.rejects(access.change(both, 'admin'), invalid(part), JSON.stringify(parts))
    }
    const twice = [...rule('a').deviceAccessRules, ...rule('b', { name: 'R' }).deviceAccessRules]
    const rules = { deviceAccessRules: twice as unknown as DeviceAccessRule[] }
    await assert.rejects(access.change(rules, 'admin'), invalid(/twice/))
    assert.deepEqual(await access.policies(), defaultAccessPolicies)
  })
})

describe('an administrator’s word on one client', () => {
  it('F39 is in the lists of its mailbox, decided by at once, and can be taken back', async () => {
    const rooms = await open()
    const { access, gate } = rooms
    await access.change(
      { enforcement, organization: { ...organization, defaultAccessLevel: 'quarantine' } },
      'admin',
    )
    const { id: user } = await rooms.user('alice')
    const { id: partnership } = await rooms.client(user, 'ApplX')
    await gate.admit(request({ user, partnership }))
    const state = async () => (await access.decisions()).get(partnership)?.state
    const lists = async () => (await access.policies()).casMailboxes
    const mailbox = { user, activeSyncEnabled: true }
    for (const [word, expected, allowedDeviceIds, blockedDeviceIds] of [
      ['allow', 'allowed', ['ApplX'], []],
      ['block', 'blocked', [], ['ApplX']],
      ['block', 'blocked', [], ['ApplX']],
      ['none', 'quarantined', [], []],
    ] as const) {
      await access.judgePersonally(partnership, word, 'admin')
      assert.equal(await state(), expected)
      assert.deepEqual(await lists(), [{ ...mailbox, allowedDeviceIds, blockedDeviceIds }])
    }
    const log = await access.log({ limit: 10 })
    assert.deepEqual(
      log.map(({ was, outcome }) => [was, outcome]),
      [
        ['block', 'quarantine'],
        ['allow', 'block'],
        ['quarantine', 'allow'],
        [undefined, 'quarantine'],
      ],
    )
    const missing = access.judgePersonally(`prt_${'0'.repeat(26)}`, 'allow', 'admin')
    await assert.rejects(missing, { code: 'not.found' })
  })

  it('approves where the policy asks for it, and is no way past compliance', async () => {
    const rooms = await open()
    const { access, gate, compliance } = rooms
    await compliance.deploy([policyOf({ passwordRequired: true })], 'test')
    const asking = { ...exchangeOnline, requireApproval: true }
    await access.change({ enforcement, exchangeOnline: asking }, 'admin')
    const { id } = await rooms.user('alice')
    const phone = await rooms.phone(id, { passwordRequired: true })
    const reason = async () => (await gate.admit(request(phone))).decision.stateReason
    await until(async () => (await reason()) === 'approvalPending')
    await access.judgePersonally(phone.partnership, 'allow', 'admin')
    assert.equal(await reason(), 'compliant')
    await rooms.report(phone, { passwordRequired: false })
    await until(async () => (await reason()) === 'notCompliant')
  })
})

describe('a client that is not activated (docs/decisions/0011-activation.md)', () => {
  it('is nobody’s device while activation is required, and its user’s one fitting device where it is not', async () => {
    const rooms = await open()
    const { access, gate, compliance } = rooms
    await compliance.deploy([policyOf({ passwordRequired: true })], 'test')
    await access.change({ enforcement, exchangeOnline }, 'admin')
    const { id: user } = await rooms.user('alice')
    const { id: partnership } = await rooms.client(user)
    const device = await rooms.devices.enroll({ owner: user, name: 'phone', channel: 'report' })
    const phone = { user, device, partnership }
    await rooms.report(phone, { platform: 'iOS', passwordRequired: true })
    const reason = async () => (await gate.admit(request(phone))).decision.stateReason
    assert.equal(await reason(), 'notEnrolled')
    const { semantics } = defaultAccessPolicies
    await access.change({ semantics: { ...semantics, activation: 'matched' } }, 'admin')
    await until(async () => (await reason()) === 'compliant')
    // What is reported of the device holds for the client that is taken for it.
    await rooms.report(phone, { passwordRequired: false })
    await until(async () => (await reason()) === 'notCompliant')
    await rooms.report(phone, { passwordRequired: true })
    await until(async () => (await reason()) === 'compliant')
    // A second device that fits as well: which one it is, nobody knows.
    const second = await rooms.devices.enroll({ owner: user, name: 'other', channel: 'report' })
    await rooms.report({ ...phone, device: second }, { platform: 'iOS', passwordRequired: true })
    await until(async () => (await reason()) === 'notEnrolled')
    // One of them has a client of its own by now.
    const { id: bound } = await rooms.client(user)
    await rooms.devices.activate(bound, second)
    await until(async () => (await reason()) === 'compliant')
    await rooms.devices.retire(device)
    await until(async () => (await reason()) === 'notEnrolled')
  })
})

describe('the decision log', () => {
  it('pages from the newest, of one client or all', async () => {
    const rooms = await open()
    const { access, gate } = rooms
    await access.change({ enforcement }, 'admin')
    const { id: user } = await rooms.user('alice')
    const [one, two] = [await rooms.client(user), await rooms.client(user)]
    for (const { id } of [one, two]) await gate.admit(request({ user, partnership: id }))
    for (const word of ['block', 'none', 'block'] as const)
      await access.judgePersonally(one.id, word, 'admin')
    const all = await access.log({ limit: 100 })
    assert.equal(all.length, 5)
    const [newest] = await access.log({ limit: 1 })
    assert.deepEqual(newest, all[0])
    assert.deepEqual(await access.log({ limit: 100, before: newest?.seq ?? 0 }), all.slice(1))
    const own = await access.log({ limit: 100, partnership: two.id })
    assert.deepEqual(
      own,
      all.filter(({ partnership }) => partnership === two.id),
    )
    for (const entry of all) assert.ok(entry.latencyMs >= 0 && entry.path.length > 0)
  })
})

describe('deciding without a request', () => {
  it('follows what happened while this node was not running', async () => {
    const { url, remove } = storeFile()
    endings.push(remove)
    const before = await openJudgingRooms({ url })
    await before.access.change({ enforcement }, 'admin')
    const { id: user } = await before.user('alice')
    const { id: partnership } = await before.client(user)
    await before.gate.admit(request({ user, partnership }))
    await before.access.stop()
    await before.directory.changeUser(user, { enabled: false })
    await before.stop()
    const after = await open({ url })
    await until(async () => (await after.access.decisions()).get(partnership)?.state === 'blocked')
    const [entry] = await after.access.log({ limit: 1 })
    assert.equal(entry?.stateReason, 'userDisabled')
  })

  it('a dropped client leaves nothing but its log', async () => {
    const rooms = await open()
    await rooms.access.change({ enforcement }, 'admin')
    const { id: user } = await rooms.user('alice')
    const { id: partnership } = await rooms.client(user, 'X')
    await rooms.gate.admit(request({ user, partnership }))
    await rooms.devices.forget(partnership)
    await until(async () => (await rooms.access.decisions()).size === 0)
    assert.equal((await rooms.access.log({ limit: 10 })).length, 1)
    const { id: anew } = await rooms.client(user, 'X')
    assert.notEqual(anew, partnership)
    const { decision } = await rooms.gate.admit(request({ user, partnership: anew }))
    assert.equal(decision.outcome, 'allow')
  })
})

/** One random thing that happens to a house of three users, a phone each. */
const anyDeed = fc.oneof(
  fc.record({ deed: fc.constant('report' as const), who: fc.nat(2), good: fc.boolean() }),
  fc.record({ deed: fc.constant('deploy' as const), who: fc.nat(2), good: fc.boolean() }),
  fc.record({ deed: fc.constant('group' as const), who: fc.nat(2), good: fc.boolean() }),
  fc.record({ deed: fc.constant('enable' as const), who: fc.nat(2), good: fc.boolean() }),
  fc.record({ deed: fc.constant('word' as const), who: fc.nat(2), good: fc.boolean() }),
  fc.record({ deed: fc.constant('enforce' as const), who: fc.nat(2), good: fc.boolean() }),
  fc.record({ deed: fc.constant('retire' as const), who: fc.nat(2), good: fc.boolean() }),
  fc.record({ deed: fc.constant('admit' as const), who: fc.nat(2), good: fc.boolean() }),
  fc.record({ deed: fc.constant('wait' as const), who: fc.nat(2), good: fc.boolean() }),
  fc.record({ deed: fc.constant('restart' as const), who: fc.nat(2), good: fc.boolean() }),
)

interface House {
  rooms: JudgingRooms
  phones: Phone[]
  staff: GroupId
}

async function happen(
  house: House,
  { deed, who, good }: { deed: string; who: number; good: boolean },
): Promise<void> {
  const { rooms, phones, staff } = house
  const phone = phones[who] ?? assert.fail()
  const { access, compliance, devices, directory } = rooms
  if (deed === 'report') {
    // A retired device may report no more.
    await rooms.report(phone, { passwordRequired: good }).catch(() => {})
  } else if (deed === 'deploy') {
    const assignedTo = good ? ('all' as const) : [staff]
    const rest = { assignedTo, gracePeriodHours: who * 24 }
    await compliance.deploy(
      [policyOf({ passwordRequired: true, maximumReportAgeHours: 100 }, rest)],
      'test',
    )
  } else if (deed === 'group') {
    await directory.changeMembers(staff, good ? { add: [phone.user] } : { remove: [phone.user] })
  } else if (deed === 'enable') await directory.changeUser(phone.user, { enabled: good })
  else if (deed === 'word')
    await access.judgePersonally(phone.partnership, good ? 'allow' : 'block', 'admin')
  else if (deed === 'enforce') {
    const scope = who === 0 ? ('all' as const) : [staff]
    const state = good ? ('enforcing' as const) : ('observing' as const)
    const targeted = who === 2 ? [staff] : ('all' as const)
    const online = { ...exchangeOnline, targeted }
    await access.change({ enforcement: { state, scope }, exchangeOnline: online }, 'admin')
  } else if (deed === 'retire') {
    await devices.retire(phone.device)
    if (good) phones[who] = await rooms.phone(phone.user, { passwordRequired: true }, `PHONE${who}`)
  } else if (deed === 'admit') (await rooms.gate.admit(request(phone))).release()
}

describe('laws of a house in motion', () => {
  it('whatever happens, in whatever order, and however it is cut short: what is kept is what would be decided anew', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyDeed, { minLength: 3, maxLength: 25 }), async (deeds) => {
        const { url, remove } = storeFile()
        const clock = createManualClock(start)
        const house: House = {
          rooms: await openJudgingRooms({ url, clock }),
          phones: [],
          staff: 'grp_',
        }
        house.staff = (await house.rooms.directory.addGroup('staff')).id
        for (const name of ['a', 'b', 'c']) {
          const { id } = await house.rooms.user(name)
          const deviceId = `PHONE${house.phones.length}`
          house.phones.push(await house.rooms.phone(id, { passwordRequired: true }, deviceId))
        }
        const held: { withdrawn: AbortSignal; outcome: string; phone: Phone }[] = []
        for (const phone of house.phones) {
          const { withdrawn, decision } = await house.rooms.gate.admit(request(phone))
          held.push({ withdrawn, outcome: `${decision.outcome} ${decision.enforced}`, phone })
        }
        for (const deed of deeds) {
          if (deed.deed === 'restart') {
            await house.rooms.stop()
            held.length = 0
            house.rooms = await openJudgingRooms({ url, clock })
          } else if (deed.deed === 'wait') clock.advance(deed.good ? hour : day)
          else await happen(house, deed)
        }
        await checkSettled(house.rooms, held)
        await house.rooms.stop()
        remove()
      }),
      { numRuns: 25 },
    )
  })
})

/** Sooner or later, and without another request, everything kept agrees with everything known. */
async function checkSettled(
  rooms: JudgingRooms,
  held: readonly { withdrawn: AbortSignal; outcome: string; phone: Phone }[],
): Promise<void> {
  const { access, devices, compliance, clock } = rooms
  const { live, decideNow } = access.deciding
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve))
  const differences = async (): Promise<string[]> => {
    await live.caughtUp()
    const found: string[] = []
    const fresh = await createLive({ ...rooms, clock, log: silentLog, pause })
    for (const { id } of (await devices.list()).partnerships) {
      const [mine, anew] = [live.snapshot, fresh.snapshot].map((one) => seenIn(one, id))
      if (!isDeepStrictEqual(mine, anew)) found.push(`snapshot: ${inspect([mine, anew])}`)
      const kept = (await access.decisions()).get(id)
      const now = decideNow(id)
      // What was decided before holds: it is what would be decided anew.
      const again = anew && decide(anew, fresh.snapshot.policies, clock.now())
      if (again && !isDeepStrictEqual(now, again)) found.push(`decision: ${inspect([now, again])}`)
      const state = [kept?.outcome, kept?.stateReason, kept?.enforced].join()
      const expected = [now.outcome, now.stateReason, now.enforced].join()
      if (kept && !isRefusal(now) && state !== expected)
        found.push(`kept of ${id}: ${state}, but ${expected}`)
    }
    await fresh.stop()
    for (const { withdrawn, outcome, phone } of held) {
      const { outcome: now, enforced } = decideNow(phone.partnership)
      if (outcome !== `${now} ${enforced}` && !withdrawn.aborted) found.push('still held')
    }
    for (const { id, retiredAt } of (await devices.list()).devices) {
      const saved = await compliance.verdict(id)
      if (retiredAt !== undefined) {
        if (saved) found.push(`verdict on retired ${id}`)
      } else if (saved?.state !== (await compliance.check(id)).state) found.push(`verdict on ${id}`)
    }
    return found
  }
  let last: string[] = []
  await until(async () => {
    last = await differences()
    return last.length === 0
  }).catch(() => assert.fail(last.join('; ')))
}

/** What a snapshot says of a client, but for where it keeps it. */
function seenIn(snapshot: Snapshot, id: PartnershipId): Circumstances | undefined {
  const found = snapshot.circumstances(id)
  if (!found) return undefined
  const { user, device } = found
  return { ...found, user: { ...user, number: 0 }, device: device && { ...device, number: 0 } }
}
