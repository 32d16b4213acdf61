import { type FactKind, factTable } from '../devices/fact-table.ts'
import type { FactName } from '../devices/facts.ts'
import { limits } from '../base/limits.ts'
import { defaultSiteCompliance } from './judge.ts'
import { type Edition, editions } from './rules/edition.ts'
import { factSources, type Sources } from './rules/fact-sources.ts'
import { isSettingName, ruleOf, settingNames } from './rules/registry.ts'
import type { Fix as FixCode, Rule, SettingClass, ValueType } from './rules/rule.ts'
import type { SettingName } from './settings.ts'

/** Codes of what puts a finding right. */
export type Fix = FixCode

/** A fact that a rule reads, with where each channel finds it. */
export interface FactEntry {
  readonly name: FactName
  readonly value: FactKind['kind']
  readonly choices?: readonly string[]
  readonly about: string
  readonly sources: Sources & { readonly report: string }
}

/** One setting as plain data. */
export interface CatalogueEntry {
  /** Name of the setting; also the `rule` of its finding. */
  readonly name: string
  readonly title: string
  readonly value: ValueType
  /** What it is where a policy does not name it. */
  readonly default: 'notConfigured' | number
  /** Graph's property, or the id of a setting definition, by type of policy. */
  readonly properties: Rule['properties']
  readonly origin: string
  /** Editions on which it means something. */
  readonly platforms: readonly Edition[]
  readonly classes: Readonly<Record<string, SettingClass | 'notApplicable'>>
  readonly facts: readonly FactEntry[]
  readonly finding: {
    /** The comparison by which it is found: `isTrue`, `atLeast`, `versionAtLeast`, … */
    readonly test: string
    readonly notReported: 'noncompliant'
    /** Code of what puts it right. */
    readonly fix: FixCode
  }
}

/** Every setting that a policy can have, and the two that the site decides. For `postern policy rules` and its page. */
export function rulesCatalogue(): readonly CatalogueEntry[] {
  return [...settingNames.map(entryOf), ...siteEntries()]
}

function entryOf(name: SettingName): CatalogueEntry {
  const { title, value, criterion, classes, properties, fix, origin = 'Graph' } = ruleOf(name)
  return {
    name,
    title,
    value,
    default: 'notConfigured',
    properties,
    origin,
    platforms: editions.filter((edition) => classes[edition] !== undefined),
    classes: Object.fromEntries(
      editions.map((edition) => [edition, classes[edition] ?? 'notApplicable']),
    ),
    facts: criterion.facts.map(factOf),
    finding: { test: criterion.kind, notReported: 'noncompliant', fix },
  }
}

/** Title and fix of what a finding is about. */
export function ruleNamed(rule: string): { readonly title: string; readonly fix: Fix } | undefined {
  if (isSettingName(rule)) return ruleOf(rule)
  const entry = siteEntries().find(({ name }) => name === rule)
  return entry && { title: entry.title, fix: entry.finding.fix }
}

/** A fact as plain data. */
function factOf(name: FactName): FactEntry {
  const kind: FactKind = factTable[name]
  return {
    name,
    value: kind.kind,
    ...(kind.kind === 'choice' && { choices: kind.choices }),
    about: kind.about,
    sources: { report: `facts.${name}`, ...factSources[name] },
  }
}

function siteEntries(): readonly CatalogueEntry[] {
  const everywhere = Object.fromEntries(
    editions.map((edition) => [edition, 'quarantined' as const]),
  )
  const site = {
    properties: {},
    origin: 'site',
    platforms: editions,
    classes: everywhere,
    facts: [],
  }
  return [
    {
      ...site,
      name: 'isActive',
      title: 'Days of silence after which a device is noncompliant',
      value: { kind: 'count', least: 1, most: limits.checkinThresholdDays.value, unit: 'days' },
      default: defaultSiteCompliance.checkinThresholdDays,
      finding: { test: 'reportedWithin', notReported: 'noncompliant', fix: 'reportDevice' },
    },
    {
      ...site,
      name: 'policyAssigned',
      title: 'Devices without a policy are noncompliant',
      value: { kind: 'flag' },
      default: 'notConfigured',
      finding: { test: 'isTrue', notReported: 'noncompliant', fix: 'askAdministrator' },
    },
  ]
}
