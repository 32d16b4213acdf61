import type { Subject } from '../../src/compliance/judge.ts'
import type { CompliancePolicy } from '../../src/compliance/policy.ts'
import type { ComplianceSettings } from '../../src/compliance/settings.ts'
import type { GroupId } from '../../src/directory/directory.ts'
import type { Facts, FactValues } from '../../src/devices/facts.ts'
import { policyOf } from '../../test/fake/judging-rooms.ts'
import { createDice } from '../../test/story/dice.ts'

/* Windows PCs, and policies of twenty settings for them: what every engine of bench/compliance.ts judges alike. */

/** One demand, for engines that know numbers and switches; the build of a version is a number for them. */
export interface Demand {
  readonly setting: keyof ComplianceSettings
  readonly fact: keyof FactValues
  readonly operator: 'equal' | 'greaterThanInclusive' | 'lessThanInclusive'
  readonly value: boolean | number
}

/** What a device says, as plain values. */
export type Plain = Readonly<Record<string, boolean | number>>

export interface FleetDevice {
  /** Which of the policies is for it. */
  readonly policy: number
  readonly subject: Subject
  readonly plain: Plain
}

const flags: readonly (readonly [keyof ComplianceSettings, keyof FactValues, boolean])[] = [
  ['passwordRequired', 'passwordRequired', true],
  ['passwordBlockSimple', 'passwordSimpleAllowed', false],
  ['bitLockerEnabled', 'bitLockerEnabled', true],
  ['secureBootEnabled', 'secureBootEnabled', true],
  ['codeIntegrityEnabled', 'codeIntegrityEnabled', true],
  ['firewallEnabled', 'firewallEnabled', true],
  ['antivirusRequired', 'antivirusEnabled', true],
  ['antiSpywareRequired', 'antispywareEnabled', true],
  ['defenderEnabled', 'defenderEnabled', true],
  ['rtpEnabled', 'realTimeProtectionEnabled', true],
  ['signatureOutOfDate', 'antivirusSignaturesCurrent', true],
  ['tpmRequired', 'tpmPresent', true],
  ['virtualizationBasedSecurityEnabled', 'virtualizationBasedSecurityEnabled', true],
]

/** How many policies there are, each for a group of its own, each with thresholds of its own. */
export const policyCount = 8

const build = (number: number) => `10.0.${number}`

/** The demands of a policy: twenty. */
export function demandsOf(policy: number): readonly Demand[] {
  const at = (
    setting: keyof ComplianceSettings,
    fact: keyof FactValues,
    operator: Demand['operator'],
    value: number,
  ): Demand => ({ setting, fact, operator, value })
  return [
    ...flags.map(([setting, fact, value]): Demand => ({ setting, fact, operator: 'equal', value })),
    at('passwordMinimumLength', 'passwordMinimumLength', 'greaterThanInclusive', 6 + policy),
    at(
      'passwordMinutesOfInactivityBeforeLock',
      'passwordLockMinutes',
      'lessThanInclusive',
      20 - policy,
    ),
    at('passwordExpirationDays', 'passwordExpirationDays', 'lessThanInclusive', 100 - policy),
    at('passwordPreviousPasswordBlockCount', 'passwordHistory', 'greaterThanInclusive', 2 + policy),
    at('osMinimumVersion', 'osVersion', 'greaterThanInclusive', 19_000 + policy),
    at('osMaximumVersion', 'osVersion', 'lessThanInclusive', 29_000 - policy),
    at('defenderVersion', 'defenderVersion', 'greaterThanInclusive', 100 + policy),
  ]
}

const isVersion = (fact: keyof FactValues) => fact === 'osVersion' || fact === 'defenderVersion'

/** The same demands as policies of ours. */
export function fleetPolicies(groups: readonly GroupId[], edition = ''): CompliancePolicy[] {
  return groups.map((group, policy) => {
    const settings = demandsOf(policy).map(({ setting, fact, value }) => [
      setting,
      // A switch is on, also where what it demands is that something is off.
      isVersion(fact) ? build(Number(value)) : typeof value === 'boolean' || value,
    ])
    return policyOf(Object.fromEntries(settings) as ComplianceSettings, {
      // each demand is of a setting
      name: `Policy ${policy}${edition}`,
      platform: 'windows',
      assignedTo: [group],
    })
  })
}

/** So many devices, the same ones each time: one in nine fails something. Facts of one value are one object. */
export function makeFleet(count: number, groups: readonly string[], now: number): FleetDevice[] {
  const dice = createDice(2026)
  const known = new Map<string, Facts[keyof Facts]>()
  const factOf = (value: unknown) => {
    const key = JSON.stringify(value)
    const found =
      known.get(key) ?? ({ value, trust: 'managed', source: 'report', at: now } as never) // one of any type
    known.set(key, found)
    return found
  }
  const memberships = groups.map((group) => new Set([group]))
  return Array.from({ length: count }, (_, number) => {
    const policy = number % policyCount
    const plain: Record<string, boolean | number> = {}
    for (const { fact, operator, value } of demandsOf(policy)) {
      const fails = dice(180) === 0
      if (typeof value === 'boolean') plain[fact] = value !== fails
      // Between both bounds, where there are two.
      else if (fact === 'osVersion') plain[fact] ??= fails ? 18_000 : 19_100 + dice(20)
      else
        plain[fact] = value + (operator === 'lessThanInclusive' ? -1 : 1) * (fails ? -1 : dice(2))
    }
    const facts = Object.entries(plain).map(([fact, value]) => [
      fact,
      factOf(isVersion(fact as keyof FactValues) ? build(Number(value)) : value), // a key of a demand
    ])
    const subject: Subject = {
      facts: Object.fromEntries([...facts, ['platform', factOf('windows')]]) as Facts, // each under its own name
      platform: 'windows',
      lastReportAt: now,
      memberships: memberships[policy],
      before: undefined,
    }
    return { policy, subject, plain }
  })
}
