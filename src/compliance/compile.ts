import { limits } from '../base/limits.ts'
import type { Platform } from '../devices/facts.ts'
import type { CompliancePolicy } from './policy.ts'
import { aimOf } from './policy-types.ts'
import { type Edition, platformOf } from './rules/edition.ts'
import { ruleOf, settingNames } from './rules/registry.ts'
import type { Check, Rule, SettingClass, Terms, Value } from './rules/rule.ts'
import type { SettingName } from './settings.ts'
import { readVersion, type Version } from './version.ts'

/** One setting of one policy, made ready for one edition. */
export interface CompiledSetting {
  readonly setting: string
  readonly required: Value
  /** `notApplicable`: it means nothing here, and is not evaluated. */
  readonly class: SettingClass | 'notApplicable'
  readonly check: Check
}

/** A policy made ready for one edition. */
export interface CompiledPolicy {
  readonly policy: CompliancePolicy
  /** It is for this edition. */
  readonly fits: boolean
  /** Only for Android managed this way. */
  readonly management: string | undefined
  readonly settings: readonly CompiledSetting[]
}

/** Policies made ready, in the order of their names: nothing of a policy is read again for a device. */
export function compilePolicies(
  policies: readonly CompliancePolicy[],
): (edition: Edition) => readonly CompiledPolicy[] {
  const ordered = policies.filter(judgesSomething).sort((a, b) => (a.name < b.name ? -1 : 1))
  const known = new Map<Edition, readonly CompiledPolicy[]>()
  return (edition) => {
    const found = known.get(edition)
    if (found) return found
    const terms = termsOf(platformOf(edition))
    const compiled = ordered.map((policy) => compilePolicy(policy, edition, terms))
    known.set(edition, compiled)
    return compiled
  }
}

/** Graph's default policy stands for the settings of the site: a device that has no other has no policy. */
function judgesSomething({ type }: CompliancePolicy): boolean {
  return type === undefined || aimOf(type).editions.length > 0
}

/** Terms of a platform, with a memory of the versions that were read: many devices have few versions. */
export function termsOf(platform: Platform): Terms {
  const known = new Map<string, Version | undefined>()
  return {
    platform,
    version(text) {
      if (known.has(text)) return known.get(text)
      const version = readVersion(text, platform)
      if (known.size >= limits.versionsRemembered.value) known.clear()
      known.set(text, version)
      return version
    },
  }
}

function compilePolicy(policy: CompliancePolicy, edition: Edition, terms: Terms): CompiledPolicy {
  const aim = policy.type && aimOf(policy.type)
  const platform = platformOf(edition)
  const fits = aim
    ? aim.editions.includes(edition)
    : policy.platform === 'all' || policy.platform === platform
  const settings = settingNames.flatMap((name) => compileSetting(policy, name, edition, terms))
  return {
    policy,
    fits,
    management: aim?.management,
    settings: [...settings, ...unsupported(policy)],
  }
}

function compileSetting(
  { settings, type }: CompliancePolicy,
  name: SettingName,
  edition: Edition,
  terms: Terms,
): readonly CompiledSetting[] {
  const value: unknown = settings[name]
  if (value === undefined || value === false) return []
  const rule = ruleOf(name)
  const leaves = rule.leaves?.type === type && rule.leaves?.edition === edition
  const idle = isIdle(rule, { settings, type })
  return [
    {
      setting: name,
      required: rule.criterion.show(value),
      class: leaves || idle ? 'notApplicable' : (rule.classes[edition] ?? 'notApplicable'),
      check: rule.criterion.compile(value, terms),
    },
  ]
}

/** Whether the setting says nothing in this policy, since the one that it belongs to is not set. */
export function isIdle(
  { needs }: Rule,
  {
    settings,
    type,
  }: Pick<CompliancePolicy, 'settings'> & { type?: CompliancePolicy['type'] | undefined },
): boolean {
  if (!needs || !type || !needs.types.includes(type)) return false
  return !needs.settings.some((other) => settings[other])
}

/** What cannot be evaluated is never met: a policy must not pass for stricter than it is. */
function unsupported({ unsupported = [] }: CompliancePolicy): readonly CompiledSetting[] {
  return unsupported.map(({ setting, reason }) => ({
    setting,
    required: reason,
    class: 'quarantined',
    check: () => ({ says: 'fail', measured: 'notEvaluated', required: reason }),
  }))
}
