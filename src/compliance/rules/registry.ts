import type { ComplianceSettings, SettingName } from '../settings.ts'
import { appRules } from './apps.ts'
import { deviceHealthRules } from './device-health.ts'
import { encryptionRules } from './encryption.ts'
import { passwordRules } from './password.ts'
import { protectionRules } from './protection.ts'
import type { Rule } from './rule.ts'
import { standingRules } from './standing.ts'
import { systemVersionRules } from './system-version.ts'
import { workProfileRules } from './work-profile.ts'

type Registry = { readonly [K in SettingName]-?: Rule<NonNullable<ComplianceSettings[K]>> }

/** Every setting with its rule, in the order in which findings are listed. */
const registry = {
  ...passwordRules,
  ...workProfileRules,
  ...encryptionRules,
  ...systemVersionRules,
  ...deviceHealthRules,
  ...protectionRules,
  ...appRules,
  ...standingRules,
} satisfies Registry

/** The rule of a setting. */
export function ruleOf(setting: SettingName): Rule {
  return registry[setting]
}

/** Names of all settings, in the order in which findings are listed. */
export const settingNames = Object.keys(registry) as readonly SettingName[] // held to be these by its type

/** Whether anything of this name is a setting. */
export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(registry, name)
}
