import type { PolicyType } from '../policy-types.ts'
import type { Classes, Rule, ValueType } from './rule.ts'

/** Every type that says something about Windows computers. */
export const windowsTypes = ['windows10CompliancePolicy', 'windows81CompliancePolicy'] as const

const windowsPhoneTypes = [
  'windows10MobileCompliancePolicy',
  'windowsPhone81CompliancePolicy',
] as const

/** Android by a device administrator, and in a work profile. */
export const userAndroidTypes = [
  'androidCompliancePolicy',
  'androidWorkProfileCompliancePolicy',
] as const

/** Android that a company owns whole. */
export const ownedAndroidTypes = [
  'androidDeviceOwnerCompliancePolicy',
  'aospDeviceOwnerCompliancePolicy',
] as const

export const androidTypes = [...userAndroidTypes, ...ownedAndroidTypes] as const

/** All but Linux, whose settings have ids of their own. */
export const typedTypes = [
  'iosCompliancePolicy',
  'macOSCompliancePolicy',
  ...androidTypes,
  ...windowsTypes,
  ...windowsPhoneTypes,
] as const

/** The same property in these types, another one in some. */
export function spread(
  property: string,
  types: readonly PolicyType[],
  others: Rule['properties'] = {},
): Rule['properties'] {
  return { ...Object.fromEntries(types.map((type) => [type, property])), ...others }
}

/** Quarantined in these editions, without meaning elsewhere. */
export function quarantinedOn(...editions: readonly (keyof Classes)[]): Classes {
  return Object.fromEntries(
    [...editions, 'unknown' as const].map((edition) => [edition, 'quarantined']),
  )
}

/** On or off. */
export const flag: ValueType = { kind: 'flag' }

/** A whole number in these bounds. */
export function count(least: number, most: number, unit: string): ValueType {
  return { kind: 'count', least, most, unit }
}

/** One of these. */
export function choice(choices: readonly string[], unset: string): ValueType {
  return { kind: 'choice', choices, unset }
}
