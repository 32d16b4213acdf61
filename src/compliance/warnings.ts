import { isIdle, termsOf } from './compile.ts'
import type { CompliancePolicy } from './policy.ts'
import { aimOf } from './policy-types.ts'
import { type Edition, editions, platformOf } from './rules/edition.ts'
import { isSettingName, ruleOf } from './rules/registry.ts'
import type { SettingName } from './settings.ts'
import { compareVersions } from './version.ts'

/**
 * `notEvaluated`: it cannot be, so no device meets the policy; `noEffect`: it says nothing without another setting;
 * `notOnPlatform`: it means nothing where the policy applies; `windows81Reports63`: 8.1 calls itself 6.3;
 * `windowsBuildAlone`: versions of Windows begin with 10.0; `unmeetable`: the most allowed is under the least demanded;
 * `passwordTypeUnset`: Android says nothing of a password whose type is left to the device; `microsoftAccount`: Windows
 * with a Microsoft account cannot meet it; `threatLevelCounts`: the level is evaluated though its switch is off.
 */
export type WarningCode =
  | 'notEvaluated'
  | 'noEffect'
  | 'notOnPlatform'
  | 'windows81Reports63'
  | 'windowsBuildAlone'
  | 'unmeetable'
  | 'passwordTypeUnset'
  | 'microsoftAccount'
  | 'threatLevelCounts'

/** Something in a policy that an administrator may not have meant. */
export interface Warning {
  readonly policy: string
  readonly setting: string
  readonly code: WarningCode
}

type Policy = Omit<CompliancePolicy, 'assignedTo' | 'excluded'>

/** What is known to trip up those who write policies. */
export function policyWarnings(policy: Policy): readonly Warning[] {
  const say = (setting: string, code: WarningCode): Warning => ({
    policy: policy.name,
    setting,
    code,
  })
  const set = Object.entries(policy.settings)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name]) => name)
    .filter(isSettingName)
  return [
    ...(policy.unsupported ?? []).map(({ setting }) => say(setting, 'notEvaluated')),
    ...set.filter((name) => isIdle(ruleOf(name), policy)).map((name) => say(name, 'noEffect')),
    ...set.filter((name) => !means(name, policy)).map((name) => say(name, 'notOnPlatform')),
    ...versionTraps(policy, say),
    ...passwordTraps(policy, set, say),
    ...threatTrap(policy, say),
  ]
}

type Say = (setting: string, code: WarningCode) => Warning

function editionsOf({ type, platform }: Policy): readonly Edition[] {
  if (type) return aimOf(type).editions
  return editions.filter((edition) => platform === 'all' || platformOf(edition) === platform)
}

function means(name: SettingName, policy: Policy): boolean {
  return editionsOf(policy).some((edition) => ruleOf(name).classes[edition] !== undefined)
}

function versionTraps(policy: Policy, say: Say): readonly Warning[] {
  const { settings, platform } = policy
  const found: Warning[] = []
  const terms = termsOf(platform === 'all' ? 'unknown' : platform)
  for (const name of ['osMinimumVersion', 'osMaximumVersion'] as const) {
    const [major = 10, minor = 0] = terms.version(settings[name] ?? '') ?? []
    if (platform !== 'windows' && platform !== 'all') continue
    if (major === 8 && minor === 1) found.push(say(name, 'windows81Reports63'))
    if (platform === 'windows' && major > 99) found.push(say(name, 'windowsBuildAlone'))
  }
  const least = terms.version(settings.osMinimumVersion ?? '')
  const most = terms.version(settings.osMaximumVersion ?? '')
  if (least && most && compareVersions(most, least) < 0)
    found.push(say('osMaximumVersion', 'unmeetable'))
  return found
}

const androidQuality = ['passwordMinimumLength', 'passwordPreviousPasswordBlockCount'] as const

function passwordTraps(
  { settings, platform }: Policy,
  set: readonly SettingName[],
  say: Say,
): readonly Warning[] {
  const found: Warning[] = []
  if (platform === 'android' && !settings.passwordRequiredType)
    for (const name of androidQuality)
      if (set.includes(name)) found.push(say(name, 'passwordTypeUnset'))
  if (platform === 'windows') {
    if ((settings.passwordMinimumLength ?? 0) > 8)
      found.push(say('passwordMinimumLength', 'microsoftAccount'))
    if ((settings.passwordMinimumCharacterSetCount ?? 0) > 2)
      found.push(say('passwordMinimumCharacterSetCount', 'microsoftAccount'))
  }
  return found
}

function threatTrap({ type, settings }: Policy, say: Say): readonly Warning[] {
  const level = 'deviceThreatProtectionRequiredSecurityLevel'
  const counts = type && settings[level] && !settings.deviceThreatProtectionEnabled
  return counts ? [say(level, 'threatLevelCounts')] : []
}
