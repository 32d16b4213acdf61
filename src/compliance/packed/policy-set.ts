import { isAssigned } from '../assignment.ts'
import { type CompiledPolicy, type CompiledSetting, compilePolicies } from '../compile.ts'
import type { SiteCompliance } from '../judge.ts'
import { speaksOfMemberships } from '../memberships.ts'
import type { CompliancePolicy } from '../policy.ts'
import { appliesTo } from '../reading.ts'
import type { Edition } from '../rules/edition.ts'
import { isSettingName } from '../rules/registry.ts'

/** All that decides, besides facts, which settings of which policies a device is judged by. */
export interface DeviceClass {
  readonly edition: Edition
  readonly forced: boolean
  /** How it says that it is managed. */
  readonly management: string | undefined
  /** `undefined`: they were not read when it was judged. */
  readonly memberships: ReadonlySet<string> | undefined
}

/** One setting of a policy that applies. */
export interface SetCheck {
  /** The same for two checks that say the same of every device of a class. */
  readonly key: string
  readonly policy: CompliancePolicy
  readonly setting: CompiledSetting
}

/**
 * What the devices of a class are judged by. The verdicts on two devices with the same set differ only in which checks
 * have something to say, what they measured, and since when.
 */
export interface PolicySet {
  readonly id: number
  /** What must be the same for two sets to be compared check by check. */
  readonly heading: string
  readonly checks: readonly SetCheck[]
  /** The place of each check, by its policy and setting. */
  readonly places: ReadonlyMap<string, number>
  readonly forced: boolean
}

/** The id of no set. */
export const nobodys = 0

/** The set of a class; `undefined` where it cannot be told, or not be packed. */
export type SetOf = (one: DeviceClass) => PolicySet | undefined

/** As many bits as there are for checks in the record of a device. */
const mostChecks = 64

/** The place of a check among its set is found by this. */
export const placeOf = (policy: string, setting: string): string =>
  JSON.stringify([policy, setting])

/** Makes sets of policies: the same one for the same content. */
export interface PolicySets {
  of(policies: readonly CompliancePolicy[], site: SiteCompliance): SetOf
  /** The same, but sets that nobody is judged by are not kept. */
  ofDraft(policies: readonly CompliancePolicy[], site: SiteCompliance): SetOf
  /** Forgets all but those that somebody is judged by. */
  keepOnly(ids: ReadonlySet<number>): void
}

/** No sets yet. */
export function createPolicySets(): PolicySets {
  const byContent = new Map<string, PolicySet>()
  let last = nobodys
  const intern = (content: string, make: () => Omit<PolicySet, 'id'>) => {
    const known = byContent.get(content)
    if (known) return known
    const set = { id: ++last, ...make() }
    byContent.set(content, set)
    return set
  }
  return {
    of: (policies, site) => setsOf(policies, site, intern),
    ofDraft: (policies, site) =>
      setsOf(
        policies,
        site,
        (content, make) => byContent.get(content) ?? { id: ++last, ...make() },
      ),
    keepOnly(ids) {
      for (const [content, { id }] of byContent) if (!ids.has(id)) byContent.delete(content)
    },
  }
}

type Intern = (content: string, make: () => Omit<PolicySet, 'id'>) => PolicySet

function setsOf(
  policies: readonly CompliancePolicy[],
  site: SiteCompliance,
  intern: Intern,
): SetOf {
  const compiled = compilePolicies(policies)
  const needsMemberships = policies.some(speaksOfMemberships)
  const siteText = JSON.stringify(site)
  const made = new Map<string, PolicySet | undefined>()
  return ({ edition, forced, management, memberships }) => {
    if (needsMemberships && !memberships) return undefined
    const all = compiled(edition)
    const reaching = all.filter(({ policy }) => isAssigned(policy, memberships ?? new Set()))
    const applying = reaching.filter((one) => appliesTo(one, management))
    const which = [edition, forced, numbers(all, reaching), numbers(all, applying)].join(';')
    if (made.has(which)) return made.get(which)
    const names = reaching.map((one) => [one.policy.name, applying.includes(one)])
    const heading = JSON.stringify([siteText, edition, forced, names])
    const set = setOf(heading, applying, forced, intern)
    made.set(which, set)
    return set
  }
}

const numbers = (all: readonly CompiledPolicy[], some: readonly CompiledPolicy[]): string =>
  some.map((one) => all.indexOf(one)).join()

function setOf(
  heading: string,
  applying: readonly CompiledPolicy[],
  forced: boolean,
  intern: Intern,
): PolicySet | undefined {
  const checks = applying.flatMap(checksOf)
  const places = new Map(
    checks.map(({ policy, setting }, place) => [placeOf(policy.name, setting.setting), place]),
  )
  // An unsupported setting may have the name of another: then nobody can tell which of both a finding is of.
  if (checks.length > mostChecks || places.size < checks.length) return undefined
  const content = [heading, ...checks.map(({ key }) => key)].join('\n')
  return intern(content, () => ({ heading, checks, places, forced }))
}

function checksOf({ policy, settings }: CompiledPolicy): readonly SetCheck[] {
  const { name, gracePeriodHours, notReported } = policy
  return settings
    .filter((setting) => setting.class !== 'notApplicable')
    .map((setting) => {
      const { setting: of, required, class: kind } = setting
      const value = isSettingName(of) ? policy.settings[of] : undefined
      const key = JSON.stringify([name, of, value, required, kind, gracePeriodHours, notReported])
      return { key, policy, setting }
    })
}
