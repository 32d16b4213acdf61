import { Failure } from '../../base/failures.ts'
import type { CompliancePolicy } from '../policy.ts'
import type { PolicyType } from '../policy-types.ts'
import { isSettingName, ruleOf } from '../rules/registry.ts'
import type { SettingName } from '../settings.ts'
import { writeActions } from './actions.ts'
import { asList, graphPrefix, type JsonObject } from './json.ts'
import { writeLinuxSettings } from './linux.ts'
import { writeTargets } from './targets.ts'
import { toGraph } from './values.ts'

/**
 * Writes a policy in Graph's JSON, in normal form: only what says something. So null, false, empty texts and lists, the
 * choice that stands for not configured, and OData's annotations are left out; `scheduledActionsForRule` always holds
 * its `block`, first; ids of actions and assignments are left to whoever takes it in; settings of Linux stand in the order
 * of their ids. Throws `policy.invalid` for a setting that this type of policy has no property for.
 */
export function writeGraphPolicy(
  policy: Omit<CompliancePolicy, 'assignedTo' | 'excluded'>,
): JsonObject {
  const { type, name, description, targets = [], origin = {} } = policy
  if (!type) throw new Failure('policy.invalid', `${name}: has no type of Graph's`)
  const { ruleName, settings: kept, ...others } = origin
  const isCatalogue = type === 'deviceManagementCompliancePolicy'
  return {
    '@odata.type': graphPrefix + type,
    ...(isCatalogue
      ? { name, platforms: 'linux', technologies: 'linuxMdm' }
      : { displayName: name }),
    ...(description && { description }),
    ...others,
    ...(isCatalogue ? linuxSettings(policy, asList(kept)) : typedSettings(policy, type)),
    scheduledActionsForRule: writeActions(policy, ruleName),
    ...(targets.length > 0 && { assignments: writeTargets(targets) }),
  }
}

function settingsOf({ settings }: Pick<CompliancePolicy, 'settings'>) {
  return Object.entries(settings).filter(
    (entry): entry is [SettingName, NonNullable<unknown>] =>
      isSettingName(entry[0]) && entry[1] !== undefined && entry[1] !== false,
  )
}

function typedSettings(
  policy: Pick<CompliancePolicy, 'name' | 'settings'>,
  type: PolicyType,
): JsonObject {
  const written = settingsOf(policy).map(([name, value]) => {
    const rule = ruleOf(name)
    return [propertyOf(policy.name, name, type), toGraph(rule.value, value)] as const
  })
  return Object.fromEntries(written)
}

function linuxSettings(
  policy: Pick<CompliancePolicy, 'name' | 'settings'>,
  kept: readonly unknown[],
): JsonObject {
  const own = settingsOf(policy)
  for (const [name] of own) propertyOf(policy.name, name, 'deviceManagementCompliancePolicy')
  const settings = writeLinuxSettings(own, kept)
  return settings.length > 0 ? { settings } : {}
}

function propertyOf(policy: string, name: SettingName, type: PolicyType): string {
  const property = ruleOf(name).properties[type]
  if (!property)
    throw new Failure('policy.invalid', `${policy}: ${type} has no property for ${name}`)
  return property
}
