import type { Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import { compilePolicies, isIdle, termsOf } from './compile.ts'
import { conclude, type Judgement, type SiteCompliance, type Subject } from './judge.ts'
import type { CompliancePolicy, Severity } from './policy.ts'
import { readPolicies, type SettingResult } from './reading.ts'
import { editionOf } from './rules/edition.ts'
import { ruleOf, settingNames } from './rules/registry.ts'
import type { Value } from './rules/rule.ts'
import type { SettingName } from './settings.ts'
import type { PolicyResult } from './verdict.ts'

/** A policy's result with every setting of it. */
export interface PolicyDetail extends PolicyResult {
  readonly severity?: Severity
  readonly settings: readonly SettingResult[]
}

/** A setting that several policies demand differently; all are judged, so the most secure value is the one to meet. */
export interface Conflict {
  readonly setting: SettingName
  /** The most secure value; missing where none is stricter than the others, and each has to be met. */
  readonly effective?: Value
  readonly values: readonly { readonly policy: string; readonly value: Value }[]
}

/** A value that configuration sets and that a compliance policy overrules, be it weaker or stronger. */
export interface Override {
  readonly setting: SettingName
  readonly configured: Value
  readonly effective: Value
  readonly policy: string
}

/** A judgement with all that led to it. */
export interface Detail extends Omit<Judgement, 'policies'> {
  readonly policies: readonly PolicyDetail[]
  readonly conflicts: readonly Conflict[]
  readonly overridden: readonly Override[]
}

/** Judges like `createJudge`, and says of each policy and setting how it stands. */
export function createDetailedJudge(
  policies: readonly CompliancePolicy[],
  site: SiteCompliance,
): (subject: Subject, now: Instant) => Detail {
  const compiled = compilePolicies(policies)
  const conflicts = createConflicts()
  return (subject, now) => {
    const edition = editionOf(subject.platform, subject.facts.osVersion?.value)
    const settings = new Map<string, SettingResult[]>()
    const readings = readPolicies(compiled(edition), subject, now, (policy, result) => {
      const listed = settings.get(policy.name)
      if (listed) listed.push(result)
      else settings.set(policy.name, [result])
    })
    const applying = readings.filter(({ applies }) => applies).map(({ policy }) => policy)
    const severities = new Map(readings.map(({ policy }) => [policy.name, policy.severity]))
    const judged = conclude(readings, subject, site, now)
    return {
      ...judged,
      policies: judged.policies.map((result) => {
        const severity = severities.get(result.policy)
        return {
          ...result,
          ...(severity && { severity }),
          settings: settings.get(result.policy) ?? [],
        }
      }),
      conflicts: conflicts(applying, subject),
      overridden: overridesOf(applying, subject),
    }
  }
}

interface Demand {
  readonly policy: string
  readonly value: unknown
}

/** What the policies demand of a setting, the most secure first. */
function demandsOf(
  setting: SettingName,
  policies: readonly CompliancePolicy[],
  { platform }: Subject,
): readonly Demand[] {
  const rule = ruleOf(setting)
  const terms = termsOf(platform)
  return policies
    .filter((policy) => !isIdle(rule, policy))
    .map(({ name, settings }): Demand => ({ policy: name, value: settings[setting] }))
    .filter(({ value }) => value !== undefined && value !== false)
    .sort((a, b) => rule.criterion.compare(b.value, a.value, terms))
}

/** Conflicts by the policies that apply: the same for every device that these reach. */
function createConflicts(): typeof conflictsOf {
  const known = new Map<string, readonly Conflict[]>()
  return (policies, subject) => {
    if (policies.length < 2) return []
    const key = JSON.stringify([subject.platform, policies.map(({ name }) => name)])
    const found = known.get(key) ?? conflictsOf(policies, subject)
    if (known.size >= limits.policyListItems.value) known.clear()
    known.set(key, found)
    return found
  }
}

function conflictsOf(policies: readonly CompliancePolicy[], subject: Subject): readonly Conflict[] {
  return settingNames.flatMap((setting) => {
    const [first, ...others] = demandsOf(setting, policies, subject)
    if (!first) return []
    const { criterion } = ruleOf(setting)
    const shown = (demand: Demand) => criterion.show(demand.value)
    const differing = others.filter((demand) => shown(demand) !== shown(first))
    if (differing.length === 0) return []
    const terms = termsOf(subject.platform)
    const strictest = differing.every(
      ({ value }) => criterion.compare(first.value, value, terms) > 0,
    )
    const values = [first, ...others].map((demand) => ({
      policy: demand.policy,
      value: shown(demand),
    }))
    return [{ setting, ...(strictest && { effective: shown(first) }), values }]
  })
}

function overridesOf(policies: readonly CompliancePolicy[], subject: Subject): readonly Override[] {
  const { configuration } = subject
  if (!configuration) return []
  return settingNames.flatMap((setting) => {
    const value: unknown = configuration[setting]
    const [first] = value === undefined ? [] : demandsOf(setting, policies, subject)
    if (!first) return []
    const { criterion } = ruleOf(setting)
    // A switch that configuration turns off has nothing to show but that.
    const configured = value === false ? false : criterion.show(value)
    const effective = criterion.show(first.value)
    if (configured === effective) return []
    return [{ setting, configured, effective, policy: first.policy }]
  })
}
