import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type JudgingRooms,
  type Phone,
  openedPerTest,
  policyOf,
  told,
} from '../../test/fake/judging-rooms.ts'
import { anyFacts, anyPolicy, someGroups, worldStart } from '../../test/worlds/compliance.ts'
import { createManualClock, day, endTurn } from '../base/clock.ts'
import type { GroupId } from '../directory/directory.ts'
import type { Judgement } from './judge.ts'
import { createReach } from './memberships.ts'
import { createFleet } from './packed/fleet.ts'
import type { CompliancePolicy } from './policy.ts'
import type { ComplianceSettings } from './settings.ts'
import { createForeseeing, type Foresee } from './shifts.ts'

// The rooms really run here, so this also holds src/compliance/prepared.ts and src/compliance/policy-keeping.ts.

const { open } = openedPerTest()

const newsOf = ({ state, heldState, findings, graceUntil }: Judgement) => ({
  state,
  heldState,
  findings,
  graceUntil,
})

/** The policies with settings of others: as an administrator edits them. */
const edited = (policies: readonly CompliancePolicy[], others: readonly CompliancePolicy[]) =>
  policies.map((policy, at) => ({
    ...policy,
    settings: { ...policy.settings, ...others[at]?.settings },
  }))

/** What foresees over these rooms as they are now, and knows of no device: it judges each. */
function judgesAll({ store, devices, clock, collections, profiles }: JudgingRooms): Foresee {
  const reach = createReach(collections, profiles)
  const [pause, heard] = [endTurn, async () => {}]
  return createForeseeing({ store, devices, clock, reach, fleet: createFleet(), pause, heard })
}

describe('a draft of what devices are judged by', () => {
  it('law: foresees the verdict that each device has once it is in force, and names only those that differ', async () => {
    const rooms = await open({ clock: createManualClock(worldStart + 14 * day) })
    const { compliance, devices, directory } = rooms
    const groups = new Map<string, GroupId>()
    for (const name of ['grp_a', 'grp_b', 'grp_c'])
      groups.set(name, (await directory.addGroup(name)).id)
    const real = (ids: readonly string[]) => ids.map((id) => groups.get(id) ?? assert.fail(id))
    const placed = ({ assignedTo, excluded, ...rest }: CompliancePolicy): CompliancePolicy => ({
      ...rest,
      assignedTo: assignedTo === 'all' ? 'all' : real(assignedTo),
      excluded: real(excluded),
    })
    const phones: Phone[] = []
    for (const name of ['u', 'v', 'w']) {
      const { id } = await rooms.user(name)
      phones.push(await rooms.phone(id, {}))
    }
    const anySet = fc
      .tuple(anyPolicy('P0'), anyPolicy('P1'), fc.boolean())
      .map(([one, two, both]) => (both ? [one, two] : [one]).map(placed))
    const anyDevice = fc.record({ facts: anyFacts, member: someGroups })
    const judged = async () => {
      const verdicts = await Promise.all(phones.map(({ device }) => compliance.check(device)))
      return verdicts.map((one) => [one.device, newsOf(one)] as const)
    }
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(anyDevice, anyDevice, anyDevice),
        anySet,
        anySet,
        fc.boolean(),
        async (told, before, other, isEdited) => {
          const after = isEdited ? edited(before, other) : other
          for (const [n, { facts, member }] of told.entries()) {
            const { device, user } = phones[n] ?? assert.fail()
            for (const group of groups.values()) {
              const change = real(member).includes(group) ? { add: [user] } : { remove: [user] }
              await directory.changeMembers(group, change)
            }
            await devices.observe(device, facts, true)
          }
          await compliance.deploy(before, 'test')
          const was = await judged()
          const prepared = await compliance.prepare(
            () => after.map((policy) => ({ policy })),
            'test',
          )
          const shifts = await prepared.shifts()
          const site = await compliance.site.current()
          const full = await judgesAll(rooms)({ policies: before, site }, { policies: after, site })
          assert.deepEqual([...shifts], [...full], 'as if every device had been judged')
          assert.deepEqual(await judged(), was, 'nothing is saved')
          await compliance.deploy(after, 'test')
          for (const [n, [device, is]] of (await judged()).entries()) {
            const shift = shifts.get(device)
            assert.deepEqual(shift ? newsOf(shift.after) : was[n]?.[1], is)
            if (shift) assert.deepEqual(newsOf(shift.before), was[n]?.[1])
            assert.equal(shift === undefined, JSON.stringify(was[n]?.[1]) === JSON.stringify(is))
          }
        },
      ),
      { numRuns: 15 },
    )
  })

  it('names a device that nobody judged yet, and none that is retired', async () => {
    const rooms = await open()
    const { compliance, devices } = rooms
    const { id } = await rooms.user('ann')
    // From here on nobody judges.
    await compliance.stop()
    const enroll = async (passwordRequired: boolean) => {
      const device = await devices.enroll({ owner: id, name: 'phone', channel: 'report' })
      await devices.observe(device, told({ platform: 'iOS', passwordRequired }, Date.now()), true)
      return device
    }
    const [bare, locked, gone] = [await enroll(false), await enroll(true), await enroll(false)]
    await devices.retire(gone)
    assert.equal(await compliance.verdict(bare), undefined)
    const site = await compliance.site.current()
    const by = (settings: ComplianceSettings) => ({ policies: [policyOf(settings)], site })
    const shifts = await judgesAll(rooms)(by({}), by({ passwordRequired: true }))
    assert.deepEqual([...shifts.keys()], [bare])
    const { before: is, after: becomes } = shifts.get(bare) ?? assert.fail()
    assert.deepEqual([is.state, becomes.state], ['compliant', 'noncompliant'])
    assert.ok(!shifts.has(locked))
  })

  it('is not written where others changed the policies since it was looked at', async () => {
    const { compliance, store } = await open()
    const [mine, theirs] = [policyOf({ passwordRequired: true }), policyOf({}, { name: 'theirs' })]
    const prepared = await compliance.prepare((kept) => [...kept, { policy: mine }], 'ann')
    const site = await compliance.site.prepare({ secureByDefault: true }, 'ann')
    await compliance.deploy([theirs], 'bob')
    assert.equal(await store.transact(prepared.write), undefined)
    assert.equal(await store.transact(site.write), undefined)
    assert.deepEqual(await compliance.policies(), [theirs])
    assert.equal((await compliance.site.current()).secureByDefault, false)
  })
})
