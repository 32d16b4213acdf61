import fc from 'fast-check'
import { hour, type Instant } from '../../src/base/clock.ts'
import type { CompliancePolicy } from '../../src/compliance/policy.ts'
import {
  defaultSiteCompliance,
  type Judgement,
  judgeDevice,
  type SiteCompliance,
  type Subject,
} from '../../src/compliance/judge.ts'
import type { ComplianceSettings } from '../../src/compliance/settings.ts'
import type { Facts, Platform } from '../../src/devices/facts.ts'
import type { GroupId } from '../../src/directory/directory.ts'

/** The moments of a random world lie within some days after this one. */
export const worldStart = Date.UTC(2026, 2, 1)

const groups: readonly GroupId[] = ['grp_a', 'grp_b', 'grp_c']
const platforms: readonly Platform[] = ['iOS', 'android', 'windows', 'macOS', 'linux', 'unknown']
const versions = ['16.0', '17.4', '17.4.1', '18', '10.0.22631', '6.1.0-18', 'nonsense', '']

/** Whole hours, since boundaries are where laws break. */
export const anyMoment: fc.Arbitrary<Instant> = fc
  .integer({ min: 0, max: 14 * 24 })
  .map((hours) => worldStart + hours * hour)

/** Some of the three groups that random policies speak of. */
export const someGroups: fc.Arbitrary<readonly GroupId[]> = fc.subarray([...groups])

function optional<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined })
}

function withoutUndefined<T extends object>(value: T): T {
  const kept = Object.entries(value).filter(([, one]) => one !== undefined)
  return Object.fromEntries(kept) as T // the dropped properties are optional ones
}

/** Random facts, any of them missing. */
export const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    osVersion: optional(fc.constantFrom(...versions)),
    passwordRequired: optional(fc.boolean()),
    storageEncrypted: optional(fc.boolean()),
    jailbroken: optional(fc.boolean()),
    managedEmailProfile: optional(fc.boolean()),
  })
  .map((plain) => {
    const told = Object.entries(plain).filter(([, value]) => value !== undefined)
    const facts = told.map(([name, value]) => [
      name,
      { value, trust: 'managed', source: 'report', at: worldStart },
    ])
    return Object.fromEntries(facts)
  })

/** Random settings, any of them unset. */
export const anySettings: fc.Arbitrary<ComplianceSettings> = fc
  .record({
    passwordRequired: optional(fc.boolean()),
    osMinimumVersion: optional(fc.constantFrom('16', '17.4', '18', '10.0.20000')),
    storageRequireEncryption: optional(fc.boolean()),
    securityBlockJailbrokenDevices: optional(fc.boolean()),
    managedEmailProfileRequired: optional(fc.boolean()),
    maximumReportAgeHours: optional(fc.integer({ min: 1, max: 72 })),
  })
  .map((settings) => withoutUndefined(settings) as ComplianceSettings) // unset where undefined

/** A random policy of this name. */
export function anyPolicy(name: string): fc.Arbitrary<CompliancePolicy> {
  return fc.record({
    name: fc.constant(name),
    platform: fc.constantFrom<Platform | 'all'>('all', 'iOS', 'android', 'windows'),
    settings: anySettings,
    gracePeriodHours: fc.constantFrom(0, 1, 24, 240),
    notReported: fc.constantFrom('noncompliant', 'compliant'),
    assignedTo: fc.oneof(fc.constant('all' as const), someGroups),
    excluded: fc.oneof(
      { arbitrary: fc.constant([]), weight: 3 },
      { arbitrary: someGroups, weight: 1 },
    ),
  })
}

/** One device, its past, and what it is judged by. */
export interface ComplianceWorld {
  readonly subject: Subject
  readonly policies: readonly CompliancePolicy[]
  readonly site: SiteCompliance
  readonly now: Instant
}

/** A random world whose device may have been judged before, by other facts and other policies. */
export const anyComplianceWorld: fc.Arbitrary<ComplianceWorld> = fc
  .record({
    now: anyMoment,
    platform: fc.constantFrom(...platforms),
    facts: anyFacts,
    lastReportAt: optional(anyMoment),
    ownerGroups: someGroups,
    policies: fc.tuple(anyPolicy('P0'), anyPolicy('P1'), anyPolicy('P2')),
    count: fc.integer({ min: 0, max: 3 }),
    secureByDefault: fc.boolean(),
    past: fc.array(
      fc.record({
        hoursBefore: fc.integer({ min: 0, max: 250 }),
        facts: anyFacts,
        policy: anyPolicy('P0'),
      }),
      { maxLength: 3 },
    ),
  })
  .map(
    ({
      now,
      platform,
      facts,
      lastReportAt,
      ownerGroups,
      policies,
      count,
      secureByDefault,
      past,
    }) => {
      const site = { ...defaultSiteCompliance, secureByDefault }
      const rest = { platform, lastReportAt, ownerGroups: new Set<string>(ownerGroups) }
      let before: Judgement | undefined
      for (const { hoursBefore, facts, policy } of [...past].sort(
        (a, b) => b.hoursBefore - a.hoursBefore,
      ))
        before = judgeDevice({ ...rest, facts, before }, [policy], site, now - hoursBefore * hour)
      return { subject: { ...rest, facts, before }, policies: policies.slice(0, count), site, now }
    },
  )
