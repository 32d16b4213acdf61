import fc from 'fast-check'
import { hour, type Instant } from '../../src/base/clock.ts'
import { impossible } from '../../src/base/failures.ts'
import type { CompliancePolicy } from '../../src/compliance/policy.ts'
import {
  defaultSiteCompliance,
  type Judgement,
  judgeDevice,
  type SiteCompliance,
  type Subject,
} from '../../src/compliance/judge.ts'
import { ruleOf, settingNames } from '../../src/compliance/rules/registry.ts'
import type { ComplianceSettings, SettingName } from '../../src/compliance/settings.ts'
import { type FactKind, factTable } from '../../src/devices/fact-table.ts'
import type { FactName, Facts, Platform } from '../../src/devices/facts.ts'
import type { GroupId } from '../../src/directory/directory.ts'
import { anyValue } from './graph-policies.ts'

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

/** Any value that a fact can have. */
function anyFactValue(name: FactName): fc.Arbitrary<unknown> {
  const kind: FactKind = factTable[name]
  switch (kind.kind) {
    case 'text':
      return fc.constantFrom(...versions)
    case 'flag':
      return fc.boolean()
    case 'count':
      return fc.nat(20)
    case 'choice':
      return fc.constantFrom(...kind.choices)
    case 'list':
      return fc.subarray(['a', 'b', 'Ubuntu 22.04'])
    default:
      return impossible(kind)
  }
}

/** What these settings read, any of it missing. */
function factsFor(names: readonly SettingName[]): fc.Arbitrary<Facts> {
  const read = new Set(names.flatMap((name) => ruleOf(name).criterion.facts))
  const each = Object.fromEntries([...read].map((name) => [name, anyFactValue(name)]))
  return fc.record(each, { requiredKeys: [] }).map((plain) => {
    const facts = Object.entries(plain).map(([name, value]) => [
      name,
      { value, trust: 'managed', source: 'report', at: worldStart },
    ])
    return Object.fromEntries(facts)
  })
}

/** A value of a setting, near to those that facts have, so that both sides of each comparison are met. */
function nearValue(name: SettingName): fc.Arbitrary<unknown> {
  const { value } = ruleOf(name)
  if (value.kind === 'count') return fc.integer({ min: value.least, max: 72 })
  if (value.kind === 'version') return fc.constantFrom('16', '17.4', '18', '10.0.20000')
  if (value.kind === 'apps') return fc.subarray([{ appId: 'a' }, { appId: 'b' }], { minLength: 1 })
  return anyValue(value)
}

/** Random settings out of these, any of them unset. */
function settingsFrom(names: readonly SettingName[]): fc.Arbitrary<ComplianceSettings> {
  const each = Object.fromEntries(names.map((name) => [name, optional(nearValue(name))]))
  return fc.record(each).map(withoutUndefined)
}

/** Settings that random policies are made of: the ones that depend on time, on another fact or on an error among them. */
const usual: readonly SettingName[] = [
  'passwordRequired',
  'osMinimumVersion',
  'storageRequireEncryption',
  'securityBlockJailbrokenDevices',
  'managedEmailProfileRequired',
  'maximumReportAgeHours',
]

/** The usual facts, any of them missing. */
export const anyFacts: fc.Arbitrary<Facts> = factsFor(usual)

/** The usual settings, any of them unset. */
export const anySettings: fc.Arbitrary<ComplianceSettings> = settingsFrom(usual)

/** A setting at two values, of which the second may be stricter, and facts that it reads. */
export const anyDemand = fc.constantFrom(...settingNames).chain((setting) =>
  fc.record({
    setting: fc.constant(setting),
    values: fc.tuple(nearValue(setting), nearValue(setting)),
    facts: factsFor([setting]),
  }),
)

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
    memberships: someGroups,
    policies: fc.tuple(anyPolicy('P0'), anyPolicy('P1'), anyPolicy('P2')),
    count: fc.integer({ min: 0, max: 3 }),
    secureByDefault: fc.boolean(),
    checkinThresholdDays: fc.constantFrom(1, 7, 30),
    forced: fc.boolean(),
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
      memberships,
      policies,
      count,
      secureByDefault,
      checkinThresholdDays,
      forced,
      past,
    }) => {
      const site = { ...defaultSiteCompliance, secureByDefault, checkinThresholdDays }
      const rest = { platform, lastReportAt, forced, memberships: new Set<string>(memberships) }
      let before: Judgement | undefined
      for (const { hoursBefore, facts, policy } of [...past].sort(
        (a, b) => b.hoursBefore - a.hoursBefore,
      ))
        before = judgeDevice({ ...rest, facts, before }, [policy], site, now - hoursBefore * hour)
      return { subject: { ...rest, facts, before }, policies: policies.slice(0, count), site, now }
    },
  )
