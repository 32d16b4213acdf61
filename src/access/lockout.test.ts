import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type JudgingRooms,
  openedPerTest,
  openJudgingRooms,
  policyOf,
  storeFile,
  until,
} from '../../test/fake/judging-rooms.ts'
import { anyAccessWorld } from '../../test/worlds/access.ts'
import { createManualClock, day, minute } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { readNamedLocation, readPolicy } from '../conditional/read-policy.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import { decide } from './decide.ts'
import { type Consequence, Lockout } from './lockout.ts'
import { defaultAccessPolicies } from './policy.ts'
import { attemptsOf, Replaying } from './replay.ts'

// The rooms really run here, so this also holds src/access/replay.ts, src/access/trying.ts, src/access/places.ts,
// src/access/policy-parts.ts and src/access/unconfirmed.ts.

const start = Date.UTC(2026, 2, 1)
const { endings, open } = openedPerTest()

const enforcement = { state: 'enforcing', scope: 'all' } as const
const { lockout, conditionalAccess } = defaultAccessPolicies
const quarantineAll = {
  organization: {
    ...defaultAccessPolicies.organization,
    defaultAccessLevel: 'quarantine' as const,
  },
}
const blocks = (queryString: string) => ({
  deviceAccessRules: [
    { name: 'r', characteristic: 'DeviceType', queryString, accessLevel: 'block' } as const,
  ],
})

/** Users with one client each, all of them let in. */
async function crowd(rooms: JudgingRooms, names: readonly string[]) {
  const users = new Map<string, { user: UserId; partnership: PartnershipId }>()
  for (const name of names) {
    const { id: user } = await rooms.user(name)
    const { id: partnership } = await rooms.client(user, `${name}phone`)
    users.set(name, { user, partnership })
  }
  return (name: string) => users.get(name) ?? assert.fail(`no ${name}`)
}

async function refusal(change: Promise<unknown>): Promise<Consequence> {
  const thrown = await change.then(
    () => assert.fail('it was applied'),
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof Lockout, String(thrown))
  assert.equal(thrown.code, 'policy.lockout')
  return thrown.consequence
}

const coded = (code: string) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === code

describe('a change that would lock people out', () => {
  it('of the one who makes it is refused, names them, changes nothing, and is applied once confirmed', async () => {
    const rooms = await open()
    const { access } = rooms
    await access.change({ enforcement }, 'ann')
    const of = await crowd(rooms, ['ann', 'bob'])
    const { dangers, confirm, replay } = await refusal(access.change(quarantineAll, 'ann'))
    assert.deepEqual(dangers, [{ kind: 'actor', users: ['ann'] }])
    assert.deepEqual(
      replay.newlyBlocked.map(({ partnership, deviceId, after }) => [
        partnership,
        deviceId,
        after.reasons[0]?.code,
      ]),
      ['ann', 'bob'].map((name) => [of(name).partnership, `${name}phone`, 'exchangeGlobalRule']),
    )
    assert.deepEqual((await access.policies()).organization, defaultAccessPolicies.organization)
    const after = await access.change(quarantineAll, 'ann', undefined, { confirm })
    assert.equal(after.organization.defaultAccessLevel, 'quarantine')
  })

  it('is not applied by the confirmation of another change, nor of fewer people', async () => {
    const rooms = await open()
    const { access, directory } = rooms
    await access.change({ enforcement }, 'ann')
    const of = await crowd(rooms, ['ann'])
    const { confirm } = await refusal(access.change(quarantineAll, 'ann'))
    await refusal(access.change(blocks('iPhone'), 'ann', undefined, { confirm }))
    await directory.changeUser(of('ann').user, { role: 'administrator' })
    const more = await refusal(access.change(quarantineAll, 'ann', undefined, { confirm }))
    assert.deepEqual(
      more.dangers.map(({ kind }) => kind),
      ['actor', 'lastAdministrator'],
    )
  })

  it('of the last administrator who reads mail is refused, of one of two it is not', async () => {
    const rooms = await open()
    const { access, directory } = rooms
    await access.change({ enforcement }, 'local')
    const of = await crowd(rooms, ['ann', 'bob'])
    for (const name of ['ann', 'bob'])
      await directory.changeUser(of(name).user, { role: 'administrator' })
    const block = (names: readonly string[]) => ({
      casMailboxes: names.map((name) => ({
        user: of(name).user,
        activeSyncEnabled: false,
        allowedDeviceIds: [],
        blockedDeviceIds: [],
      })),
    })
    await access.change(block(['ann']), 'local')
    const { dangers } = await refusal(access.change(block(['ann', 'bob']), 'local'))
    assert.deepEqual(dangers, [{ kind: 'lastAdministrator', users: ['bob'] }])
  })

  it('of an account for emergencies is refused, by name or by group, also where no client of it is known', async () => {
    const rooms = await open()
    const { access, directory } = rooms
    const { id: user } = await rooms.user('glass')
    const { id: other } = await rooms.user('spare')
    const { id: group } = await directory.addGroup('emergency')
    await directory.changeMembers(group, { add: [other] })
    await access.change(
      { enforcement, lockout: { ...lockout, breakGlassUsers: [user], breakGlassGroups: [group] } },
      'local',
    )
    const named = await refusal(access.change(quarantineAll, 'local'))
    assert.deepEqual(named.dangers, [{ kind: 'breakGlass', users: ['glass', 'spare'] }])
    await rooms.client(user, 'G1')
    await access.change(blocks('nothing'), 'local')
    const known = await refusal(access.change(blocks('iPhone'), 'local'))
    assert.deepEqual(known.dangers, [{ kind: 'breakGlass', users: ['glass'] }])
    // Not to be evaded by lowering the guard in the same change.
    await refusal(access.change({ ...quarantineAll, lockout }, 'local'))
  })

  it('of too many is refused from the share that is set, and a small site has no share', async () => {
    const rooms = await open()
    const { access } = rooms
    await access.change({ enforcement }, 'local')
    await crowd(rooms, [...'abcdefghi'])
    await access.change(quarantineAll, 'local')
    await access.change({ organization: defaultAccessPolicies.organization }, 'local')
    await crowd(rooms, ['j'])
    const { dangers } = await refusal(access.change(quarantineAll, 'local'))
    assert.deepEqual(dangers, [{ kind: 'share', blocked: 10, letIn: 10, mostPercent: 25 }])
    await access.change({ lockout: { ...lockout, mostPercent: 100 } }, 'local')
    await access.change(quarantineAll, 'local')
  })

  it('is refused at the beginning of enforcement too: what observing let pass counts', async () => {
    const rooms = await open()
    const { access } = rooms
    await crowd(rooms, ['ann'])
    await access.change(quarantineAll, 'ann')
    const { dangers } = await refusal(access.change({ enforcement }, 'ann'))
    assert.deepEqual(dangers, [{ kind: 'actor', users: ['ann'] }])
    assert.equal((await access.policies()).enforcement.state, 'observing')
  })

  it('is tried from every place where a client came from within a month, and from no older one', async () => {
    const { url, remove } = storeFile()
    endings.push(remove)
    const houses: JudgingRooms[] = []
    const at = async (now: number) => {
      await houses.pop()?.stop()
      const rooms = await openJudgingRooms({ clock: createManualClock(now), url })
      houses.push(rooms)
      return rooms
    }
    endings.push(async () => houses.pop()?.stop())
    const first = await at(start)
    const ann = await crowd(first, ['ann']).then((of) => of('ann'))
    for (const address of ['192.0.2.1', '198.51.100.7'])
      await first.gate.admit({ ...ann, protocol: 'eas', address })
    const { access } = await at(start)
    await access.change({ enforcement }, 'local')
    const office = readNamedLocation({
      '@odata.type': '#microsoft.graph.ipNamedLocation',
      id: '11111111-1111-4111-8111-111111111111',
      displayName: 'office',
      isTrusted: false,
      ipRanges: [{ '@odata.type': '#microsoft.graph.iPv4CidrRange', cidrAddress: '192.0.2.0/24' }],
    })
    const { policy } = readPolicy({
      id: '22222222-2222-4222-8222-222222222222',
      displayName: 'only from the office',
      state: 'enabled',
      conditions: {
        clientAppTypes: ['all'],
        users: { includeUsers: ['All'] },
        applications: { includeApplications: ['All'] },
        locations: { includeLocations: ['All'], excludeLocations: [office.id] },
      },
      grantControls: { operator: 'OR', builtInControls: ['block'] },
    })
    const draft = {
      conditionalAccess: {
        ...conditionalAccess,
        namedLocations: [office],
        policies: [policy],
      },
    }
    const blocked = async (rooms: Pick<JudgingRooms, 'access'>) =>
      (await rooms.access.replay(draft, 'local')).replay.newlyBlocked.map(({ address }) => address)
    assert.deepEqual(await blocked({ access }), ['198.51.100.7'])
    const later = await at(start + 31 * day)
    await later.gate.admit({ ...ann, protocol: 'eas', address: '192.0.2.1' })
    assert.deepEqual(await blocked(later), [])
  })
})

describe('a change that is undone unless confirmed', () => {
  const rollbackAfterMs = 10 * minute
  const restored = (rooms: JudgingRooms) =>
    until(async () =>
      (await rooms.access.unconfirmed()) === undefined ? await rooms.access.policies() : undefined,
    )

  it('comes back in time, on whatever node, after a restart, and once', async () => {
    const clock = createManualClock(start)
    const { url, remove } = storeFile()
    endings.push(remove)
    const first = await openJudgingRooms({ clock, url })
    await first.access.change(blocks('iPhone'), 'ann', undefined, { rollbackAfterMs })
    await first.stop()
    clock.advance(9 * minute)
    const rooms = await open({ clock, url })
    assert.equal((await rooms.access.policies()).deviceAccessRules.length, 1)
    assert.equal((await rooms.access.unconfirmed())?.actor, 'ann')
    const news = await rooms.hear('access.policies')
    clock.advance(minute)
    assert.deepEqual((await restored(rooms)).deviceAccessRules, [])
    assert.deepEqual(
      (await news()).map(({ body }) => body),
      [{ actor: 'rollback', of: 'ann', changedAt: start, kept: [] }],
    )
  })

  it('stays once confirmed, and only one waits at a time', async () => {
    const clock = createManualClock(start)
    const { access } = await open({ clock })
    await assert.rejects(access.confirm('ann'), coded('not.found'))
    await access.change(blocks('iPhone'), 'ann', undefined, { rollbackAfterMs })
    const second = access.change(blocks('iPad'), 'bob', undefined, { rollbackAfterMs })
    await assert.rejects(second, coded('policy.unsettled'))
    assert.equal((await access.confirm('bob')).actor, 'ann')
    clock.advance(day)
    assert.equal((await access.policies()).deviceAccessRules[0]?.queryString, 'iPhone')
  })

  it('leaves what somebody changed since, and says so', async () => {
    const clock = createManualClock(start)
    const rooms = await open({ clock })
    const { access } = rooms
    await access.change({ ...blocks('iPhone'), ...quarantineAll }, 'ann', undefined, {
      rollbackAfterMs,
    })
    await access.change(blocks('iPad'), 'bob')
    const news = await rooms.hear('access.policies')
    clock.advance(rollbackAfterMs)
    const after = await restored(rooms)
    assert.equal(after.deviceAccessRules[0]?.queryString, 'iPad')
    assert.equal(after.organization.defaultAccessLevel, 'allow')
    const [entry] = await news()
    const body = { actor: 'rollback', of: 'ann', changedAt: start, kept: ['deviceAccessRules[r]'] }
    assert.deepEqual(entry?.body, body)
  })
})

describe('a replay', () => {
  it('F41 before it is switched on lists exactly the clients that are refused afterwards', async () => {
    const rooms = await open()
    const { access, gate, compliance, directory } = rooms
    await compliance.deploy([policyOf({ passwordRequired: true })], 'test')
    const { id: staff } = await directory.addGroup('staff')
    const clients: { user: UserId; partnership: PartnershipId }[] = []
    for (const name of ['ann', 'bob', 'cat', 'dan', 'eve', 'fay']) {
      const { id: user } = await rooms.user(name)
      if (name !== 'fay') await directory.changeMembers(staff, { add: [user] })
      if (['ann', 'bob', 'cat'].includes(name)) {
        const phone = await rooms.phone(user, { passwordRequired: name !== 'bob' })
        await until(async () => {
          const state = (await compliance.verdict(phone.device))?.state
          return state === (name === 'bob' ? 'noncompliant' : 'compliant')
        })
        clients.push(phone)
      }
      if (name !== 'ann') {
        const { id: partnership } = await rooms.client(user, `${name}tablet`)
        clients.push({ user, partnership })
      }
    }
    const refused = async () => {
      const asked = clients.map(async ({ user, partnership }) => {
        const { decision } = await gate.admit({ user, partnership, protocol: 'eas' })
        return decision.outcome === 'allow' ? [] : [partnership]
      })
      return (await Promise.all(asked)).flat().toSorted()
    }
    const draft = {
      enforcement,
      exchangeOnline: {
        ...defaultAccessPolicies.exchangeOnline,
        enabled: true,
        targeted: [staff],
        exempt: [],
      },
      lockout: { ...lockout, mostPercent: 100 },
    }
    await access.change({ enforcement }, 'admin')
    assert.deepEqual(await refused(), [])
    const { replay, confirm } = await access.replay(draft, 'admin')
    assert.deepEqual(await refused(), [])
    await access.change(draft, 'admin', undefined, { confirm })
    const foreseen = replay.newlyBlocked.map(({ partnership }) => partnership)
    assert.deepEqual(await refused(), foreseen.toSorted())
    assert.equal(foreseen.length, 5)
  })

  it('shows exactly those whose decisions cross the line', () => {
    fc.assert(
      fc.property(anyAccessWorld, anyAccessWorld, ({ circumstances, policies, now }, other) => {
        const replaying = new Replaying({ before: policies, after: other.policies, now })
        const bare = { ...circumstances, approved: false }
        replaying.take('prt_x', attemptsOf(bare, []))
        const { newlyBlocked, newlyAllowed, letIn } = replaying.result()
        const calm = (set: typeof policies) => ({ ...set, casMailboxes: [] })
        const mine = { before: calm(policies), after: calm(other.policies), now }
        const again = new Replaying(mine)
        again.take('prt_x', attemptsOf(bare, []))
        const before = decide(bare, mine.before, now).outcome === 'allow'
        const after = decide(bare, mine.after, now).outcome === 'allow'
        assert.equal(again.result().newlyBlocked.length, before && !after ? 1 : 0)
        assert.equal(again.result().newlyAllowed.length, !before && after ? 1 : 0)
        assert.ok(newlyBlocked.length + newlyAllowed.length <= 1)
        assert.ok(newlyBlocked.length <= letIn)
      }),
    )
  })
})
