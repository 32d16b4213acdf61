import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { policyOf, told } from '../../../test/fake/judging-rooms.ts'
import {
  anyComplianceWorld,
  anyDemand,
  anyPolicy,
  type ComplianceWorld,
  worldStart,
} from '../../../test/worlds/compliance.ts'
import { hour } from '../../base/clock.ts'
import {
  createJudge,
  defaultSiteCompliance,
  type Judgement,
  judgeDevice,
  type Subject,
} from '../judge.ts'
import type { CompliancePolicy } from '../policy.ts'
import type { ComplianceSettings } from '../settings.ts'
import { createFleet, type Fleet } from './fleet.ts'
import { rowBytes } from './table.ts'

// This also holds src/compliance/packed/classes.ts, src/compliance/packed/cohorts.ts, src/compliance/packed/foresight.ts, src/compliance/packed/layout.ts,
// src/compliance/packed/lookup.ts, src/compliance/packed/plan.ts, src/compliance/packed/policy-set.ts, src/compliance/packed/sweep.ts,
// src/compliance/packed/table.ts and src/compliance/packed/values.ts: what the fleet says rests on each.

type World = ComplianceWorld

/** More than are looked at at a time, and than there is room for at first. */
const manyDevices = 9000

/** Judges the device and notes it, as the room does. */
function put(fleet: Fleet, world: World, id = 'dev_1'): Judgement {
  const { subject, policies, site, now } = world
  const judgement = judgeDevice(subject, policies, site, now)
  const device = { id, owner: 'usr_1', subject, hasMemberships: true, judgement, judgedAt: now }
  fleet.put(device, fleet.rules(policies, site))
  return judgement
}

/** What the verdict of before is judged anew to be, at the first and at the last moment that it was given for. */
function judgedAnew(world: World, before: Judgement, policies: readonly CompliancePolicy[]) {
  const last = (before.recheckAt ?? world.now + 10_000 * hour) - 1
  return [world.now, last].map((now) =>
    judgeDevice({ ...world.subject, before }, policies, world.site, now),
  )
}

/** Changes as administrators make them: a setting or two, a new policy, one less, another grace, another target. */
const anyChange = fc
  .record({
    at: fc.nat(),
    other: anyPolicy('other'),
    kind: fc.constantFrom(
      'settings',
      'add',
      'remove',
      'grace',
      'lenience',
      'target',
      'name',
      'all',
    ),
  })
  .map(({ at, other, kind }) => (policies: readonly CompliancePolicy[]) => {
    const which = at % Math.max(1, policies.length)
    const change = (part: (policy: CompliancePolicy) => Partial<CompliancePolicy>) =>
      policies.map((policy, place) => (place === which ? { ...policy, ...part(policy) } : policy))
    const { gracePeriodHours, notReported, assignedTo, excluded, settings } = other
    switch (kind) {
      case 'settings':
        return change((policy) => ({ settings: { ...policy.settings, ...settings } }))
      case 'add':
        return policies.some(({ name }) => name === other.name) ? policies : [...policies, other]
      case 'remove':
        return policies.filter((_, place) => place !== which)
      case 'grace':
        return change(() => ({ gracePeriodHours }))
      case 'lenience':
        return change(() => ({ notReported }))
      case 'target':
        return change(() => ({ assignedTo, excluded }))
      case 'name':
        return change(({ name }) => ({ name: `${name}'` }))
      default:
        return change(() => ({ ...other, name: policies[which]?.name ?? '' }))
    }
  })

/** A policy for each group, so that there are more pairs of sets than are asked about at a time. */
const groups = Array.from({ length: 70 }, (_, at) => `grp_${at}` as const)
const perGroup = (minimum: number) =>
  groups.map((name, at) =>
    policyOf({ passwordMinimumLength: minimum + (at % 5) }, { name, assignedTo: [name] }),
  )

/** A device like that of one of the worlds, in one of the groups. */
function memberOf(worlds: readonly World[], at: number): { key: string; subject: Subject } {
  const which = at % worlds.length
  const { subject } = worlds[which] ?? assert.fail()
  const group = groups[(at * 7) % groups.length] ?? assert.fail()
  const memberships = new Set([...(subject.memberships ?? []), group])
  const facts = { ...subject.facts, ...told({ passwordMinimumLength: which * 3 }, worldStart) }
  return { key: `${which} ${group}`, subject: { ...subject, facts, memberships } }
}

const anyCompany = fc.record({
  worlds: fc.array(anyComplianceWorld, { minLength: 4, maxLength: 6 }),
  minimum: fc.integer({ min: 3, max: 5 }),
  raise: fc.constantFrom(2, 2, 1, -1),
  change: fc.oneof(
    { arbitrary: fc.constant((all: readonly CompliancePolicy[]) => all), weight: 4 },
    { arbitrary: anyChange, weight: 1 },
  ),
  doubted: fc.array(fc.nat(manyDevices - 1), { maxLength: 5 }),
})

describe('a packed fleet', () => {
  it('law: a verdict that holds is the one that the policies give now', () => {
    let [held, changed] = [0, 0]
    const changes = fc.array(anyChange, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(anyComplianceWorld, changes, (world, steps) => {
        const fleet = createFleet()
        const before = put(fleet, world)
        let policies = world.policies
        for (const step of steps) {
          const next = step(policies)
          const { site } = world
          const stays = fleet.foresee({ policies, site }, { policies: next, site })
          const isForeseen = stays('dev_1', world.now)
          policies = next
          fleet.follow(fleet.rules(policies, site))
          assert.equal(fleet.holds('dev_1', world.now), isForeseen)
          if (!isForeseen) return
          held += 1
          if (JSON.stringify(policies) !== JSON.stringify(world.policies)) changed += 1
          for (const judgement of judgedAnew(world, before, policies))
            assert.deepEqual(judgement, before)
        }
      }),
      { numRuns: 1500 },
    )
    assert.ok(held > 400 && changed > 200, `${held} held, of ${changed} other policies`)
  })

  it('law: of every setting, at two values', () => {
    let [held, changed] = [0, 0]
    fc.assert(
      fc.property(
        anyComplianceWorld,
        anyDemand,
        fc.boolean(),
        (world, { setting, values: [a, b], facts }, alone) => {
          const by = (value: unknown) => {
            const settings: ComplianceSettings = { [setting]: value }
            return [policyOf(settings, { name: 'Q' }), ...(alone ? [] : world.policies)]
          }
          const subject = { ...world.subject, facts: { ...world.subject.facts, ...facts } }
          const fleet = createFleet()
          const from = { ...world, subject, policies: by(a) }
          const before = put(fleet, from)
          fleet.follow(fleet.rules(by(b), world.site))
          if (!fleet.holds('dev_1', world.now)) return
          held += 1
          if (JSON.stringify(a) !== JSON.stringify(b)) changed += 1
          for (const judgement of judgedAnew(from, before, by(b)))
            assert.deepEqual(judgement, before)
        },
      ),
      { numRuns: 2500 },
    )
    assert.ok(held > 600 && changed > 250, `${held} held, of ${changed} other values`)
  })

  it('law: what the site decides differently leaves nothing standing', () => {
    fc.assert(
      fc.property(anyComplianceWorld, (world) => {
        const fleet = createFleet()
        put(fleet, world)
        const site = { ...world.site, checkinThresholdDays: world.site.checkinThresholdDays + 1 }
        fleet.follow(fleet.rules(world.policies, site))
        assert.equal(fleet.holds('dev_1', world.now), false)
      }),
    )
  })

  it('law: of many devices under many policies each is told as it would be alone', () => {
    let [held, fallen] = [0, 0]
    fc.assert(
      fc.property(anyCompany, ({ worlds, minimum, raise, change, doubted }) => {
        const site = defaultSiteCompliance
        const common = worlds[0]?.policies ?? []
        const before = { policies: [...common, ...perGroup(minimum)], site }
        const after = { policies: [...change(common), ...perGroup(minimum + raise)], site }
        const judge = createJudge(before.policies, site)
        const all = createFleet()
        const rules = all.rules(before.policies, site)
        const alone = new Map<string, boolean>()
        const keys: string[] = []
        for (let at = 0; at < manyDevices; at++) {
          const { key, subject } = memberOf(worlds, at)
          const judgement = judge(subject, worldStart)
          const device = { owner: 'usr', subject, hasMemberships: true, judgement }
          all.put({ ...device, id: `dev_${at}`, judgedAt: worldStart }, rules)
          keys.push(key)
          if (alone.has(key)) continue
          const one = createFleet()
          const put = { ...device, id: 'dev', judgedAt: worldStart }
          one.put(put, one.rules(before.policies, site))
          one.follow(one.rules(after.policies, site))
          alone.set(key, one.holds('dev', worldStart))
        }
        for (const at of doubted) all.doubt(`dev_${at}`)
        const each = (says: (id: string, judgedAt: number) => boolean) =>
          keys.map((_, at) => says(`dev_${at}`, worldStart))
        const expected = keys.map((key, at) => !doubted.includes(at) && alone.get(key))
        const known = each(all.foresee(before, before)).filter(Boolean).length
        assert.deepEqual(each(all.foresee(before, after)), expected)
        const count = all.follow(all.rules(after.policies, site))
        assert.deepEqual(each(all.holds), expected)
        const keeping = expected.filter(Boolean).length
        assert.equal(count, known - keeping)
        held += keeping
        fallen += count
      }),
      { numRuns: 8 },
    )
    assert.ok(held > 500 && fallen > 500, `${held} held, ${fallen} fell`)
  })

  it('what fails goes on to be known as failing while checks come and go around it', () => {
    const jailbroken: CompliancePolicy['settings'] = { securityBlockJailbrokenDevices: true }
    const steps: CompliancePolicy['settings'][] = [
      jailbroken,
      { ...jailbroken, passwordRequired: true },
      { ...jailbroken, passwordRequired: true, osMinimumVersion: '16' },
      { ...jailbroken, osMinimumVersion: '16' },
    ]
    const facts = told(
      { platform: 'iOS', jailbroken: true, passwordRequired: true, osVersion: '18' },
      worldStart,
    )
    const subject: Subject = {
      facts,
      platform: 'iOS',
      lastReportAt: worldStart,
      memberships: new Set(),
      before: undefined,
    }
    const site = defaultSiteCompliance
    const by = (settings: CompliancePolicy['settings']) => [policyOf(settings)]
    const fleet = createFleet()
    put(fleet, { subject, policies: by(jailbroken), site, now: worldStart })
    for (const settings of steps) {
      fleet.follow(fleet.rules(by(settings), site))
      assert.equal(fleet.holds('dev_1', worldStart), true, JSON.stringify(settings))
    }
    assert.equal(fleet.follow(fleet.rules(by({ osMinimumVersion: '16' }), site)), 1)
    assert.equal(fleet.holds('dev_1', worldStart), false)
  })

  it('who is in doubt holds nothing: a device, those of an owner, or all; a moment that is not the saved one', () => {
    const world = {
      subject: {
        facts: told({ platform: 'iOS' }, worldStart),
        platform: 'iOS' as const,
        lastReportAt: worldStart,
        memberships: new Set<string>(),
        before: undefined,
      },
      policies: [policyOf({})],
      site: defaultSiteCompliance,
      now: worldStart,
    }
    const fleet = createFleet()
    const ids = ['dev_1', 'dev_2', 'dev_3']
    const held = () => ids.filter((id) => fleet.holds(id, worldStart))
    const putAll = () => {
      for (const id of ids) put(fleet, world, id)
      fleet.follow(fleet.rules(world.policies, world.site))
    }
    putAll()
    assert.deepEqual(held(), ids)
    assert.equal(fleet.holds('dev_1', worldStart + 1), false)
    const stays = fleet.foresee(world, { ...world, policies: [] })
    assert.equal(stays('dev_1', worldStart), false)
    const alike = fleet.foresee(world, world)
    assert.equal(alike('dev_2', worldStart), true)
    assert.equal(alike('dev_2', worldStart + 1), false)
    assert.equal(fleet.holds('dev_4', worldStart), false)
    fleet.doubt('dev_2')
    assert.deepEqual(held(), ['dev_1', 'dev_3'])
    assert.equal(alike('dev_2', worldStart), false)
    fleet.doubtOwner('usr_2')
    assert.deepEqual(held(), ['dev_1', 'dev_3'])
    fleet.doubtOwner('usr_1')
    assert.deepEqual(held(), [])
    putAll()
    fleet.doubtAll()
    assert.deepEqual(held(), [])
    putAll()
    assert.deepEqual(held(), ids)
  })

  it('a row is of 64 bytes at most, the moment and the owner included', () => {
    assert.ok(rowBytes <= 64, `${rowBytes} bytes`)
  })
})
