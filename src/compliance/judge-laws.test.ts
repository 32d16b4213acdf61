import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { policyOf } from '../../test/fake/judging-rooms.ts'
import {
  anyComplianceWorld,
  anyDemand,
  anyPolicy,
  anySettings,
  type ComplianceWorld,
} from '../../test/worlds/compliance.ts'
import { hour } from '../base/clock.ts'
import { termsOf } from './compile.ts'
import { judgeDevice } from './judge.ts'
import { ruleOf } from './rules/registry.ts'
import type { ComplianceSettings } from './settings.ts'
import { type ComplianceState, countedState } from './verdict.ts'

const judge = ({ subject, policies, site, now }: ComplianceWorld) =>
  judgeDevice(subject, policies, site, now)

/** How much mail a state lets through: 0 none. */
const openness = (state: ComplianceState): number =>
  ({ compliant: 2, notApplicable: 2, inGracePeriod: 1 })[state as string] ?? 0

const runs = { numRuns: 2000 }

describe('laws of judging', () => {
  it('nothing changes before recheckAt', () => {
    fc.assert(
      fc.property(anyComplianceWorld, fc.double({ min: 0, max: 1, noNaN: true }), (world, part) => {
        const first = judge(world)
        const end = first.recheckAt ?? world.now + 10_000 * hour
        assert.ok(end > world.now)
        const later = Math.min(end - 1, Math.floor(world.now + part * (end - world.now)))
        for (const now of [later, end - 1]) {
          const subject = { ...world.subject, before: first }
          assert.deepEqual(judge({ ...world, subject, now }), first)
        }
      }),
      runs,
    )
  })

  it('a recheckAt is worth its alarm: it is never asked for again at the same moment', () => {
    fc.assert(
      fc.property(anyComplianceWorld, (world) => {
        let at = world
        let verdict = judge(at)
        for (let round = 0; verdict.recheckAt !== undefined; round++) {
          assert.ok(round < 20, 'an endless row of alarms')
          at = { ...at, now: verdict.recheckAt, subject: { ...at.subject, before: verdict } }
          verdict = judge(at)
        }
      }),
      runs,
    )
  })

  it('the order of policies does not matter', () => {
    fc.assert(
      fc.property(anyComplianceWorld, (world) => {
        assert.deepEqual(judge({ ...world, policies: [...world.policies].reverse() }), judge(world))
      }),
      runs,
    )
  })

  it('one more setting, or less grace, never opens', () => {
    fc.assert(
      fc.property(anyComplianceWorld, anySettings, fc.boolean(), (world, more, hasty) => {
        const policies = world.policies.map((policy) => ({
          ...policy,
          // What is set stays; only unset ones are added.
          settings: { ...more, ...policy.settings },
          ...(hasty && { gracePeriodHours: 0, notReported: 'noncompliant' as const }),
        }))
        const stricter = judge({ ...world, policies })
        assert.ok(openness(countedState(stricter)) <= openness(countedState(judge(world))))
      }),
      runs,
    )
  })

  it('a stricter setting never turns a noncompliant device compliant', () => {
    let compared = 0
    fc.assert(
      fc.property(anyComplianceWorld, anyDemand, (world, { setting, values: [a, b], facts }) => {
        const { platform } = world.subject
        if (ruleOf(setting).criterion.compare(b, a, termsOf(platform)) <= 0) return
        compared++
        const subject = { ...world.subject, facts: { ...world.subject.facts, ...facts } }
        const by = (value: unknown) => {
          const settings: ComplianceSettings = { [setting]: value }
          const policies = [policyOf(settings, { name: 'Q' }), ...world.policies]
          return openness(countedState(judge({ ...world, subject, policies })))
        }
        assert.ok(by(b) <= by(a))
      }),
      { numRuns: 5000 },
    )
    assert.ok(compared > 500, `only ${compared} were stricter`)
  })

  it('one more policy never opens, where a device without one is compliant', () => {
    fc.assert(
      fc.property(anyComplianceWorld, anyPolicy('Q'), (world, policy) => {
        const site = { ...world.site, secureByDefault: false }
        const stricter = judge({ ...world, site, policies: [...world.policies, policy] })
        assert.ok(
          openness(countedState(stricter)) <= openness(countedState(judge({ ...world, site }))),
        )
      }),
      runs,
    )
  })

  it('a device that passes has no finding, one that does not has at least one', () => {
    fc.assert(
      fc.property(anyComplianceWorld, (world) => {
        const { state, findings, graceUntil } = judge(world)
        if (state === 'compliant' || state === 'notApplicable') assert.deepEqual(findings, [])
        if (state === 'noncompliant' || state === 'error') assert.ok(findings.length > 0)
        if (state === 'inGracePeriod') assert.ok(graceUntil !== undefined && graceUntil > world.now)
      }),
      runs,
    )
  })
})
