import type { Instant } from '../../base/clock.ts'
import type { FactName, Facts, Platform } from '../../devices/facts.ts'
import type { PolicyType } from '../policy-types.ts'
import type { SettingName } from '../settings.ts'
import type { Version } from '../version.ts'
import type { Edition } from './edition.ts'

/** A value as a finding shows it. */
export type Value = string | number | boolean

/** What a rule may look at. */
export interface Evidence {
  readonly facts: Facts
  /** The device's own last report, of whatever facts. */
  readonly lastReportAt: Instant | undefined
  /** Whether a mail profile for its platform is for its owner; `undefined` where there is none for that platform, or none is known. */
  readonly profileReaches?: boolean | undefined
}

/** What a rule says; `until`: from this moment on it says otherwise, nothing else changing. */
export type Ruling =
  | { readonly says: 'pass'; readonly until?: Instant }
  | {
      readonly says: 'fail'
      readonly measured: Value
      readonly required: Value
      /** Since when, where the rule can tell; otherwise since it was first seen. */
      readonly since?: Instant
      /** A trap that this value is known for. */
      readonly hint?: Hint
    }
  | { readonly says: 'notReported'; readonly required: Value }
  /** The fact makes no sense, so that nothing can be said. */
  | { readonly says: 'error'; readonly measured: Value; readonly required: Value }

/** `windows81Reports63`: Windows 8.1 calls itself 6.3; `assignMailProfile`: the user is in no group that gets one. */
export type Hint = 'windows81Reports63' | 'assignMailProfile'

/** A demanded value made ready for one platform: judges without reading it again. */
export type Check = (evidence: Evidence, now: Instant) => Ruling

/** What is fixed before devices are looked at. */
export interface Terms {
  readonly platform: Platform
  /** Reads a version of this platform, remembering what it read. */
  version(text: string): Version | undefined
}

/** How a demanded value is held against facts. */
export interface Criterion<R> {
  /** The facts that it reads. */
  readonly facts: readonly FactName[]
  /** The comparison, for programs that do it in bulk. */
  readonly kind: string
  /** More than 0 where `a` demands more than `b`, 0 where neither does. */
  compare(a: R, b: R, terms: Terms): number
  compile(required: R, terms: Terms): Check
  /** The demanded value as findings show it. */
  show(required: R): Value
}

/** What values a setting can have. */
export type ValueType =
  /** Off is the same as unset. */
  | { readonly kind: 'flag' }
  | {
      readonly kind: 'count'
      readonly least: number
      readonly most: number
      readonly unit: string
    }
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly unset: string }
  | { readonly kind: 'version' | 'build' | 'date' }
  | { readonly kind: 'apps' | 'ranges' | 'distributions' }

/**
 * Whether management forces a setting on an edition (`remediated`: then it cannot fail), or only finds out that it is not
 * met (`quarantined`). An edition without a class is one on which the setting means nothing.
 */
export type SettingClass = 'remediated' | 'quarantined'

export type Classes = { readonly [E in Edition]?: SettingClass }

/** How a person puts it right: a code, for which words are chosen at the edge. */
export type Fix =
  | 'setPassword'
  | 'strengthenPassword'
  | 'setLockTime'
  | 'encryptStorage'
  | 'updateSystem'
  | 'useSupportedSystem'
  | 'installUpdates'
  | 'restoreSystem'
  | 'enableBootSecurity'
  | 'enableSystemProtection'
  | 'enableFirewall'
  | 'enableAntivirus'
  | 'removeThreat'
  | 'removeApp'
  | 'restrictAppSources'
  | 'disableDebugging'
  | 'repairStoreServices'
  | 'repairManagementApp'
  | 'installMailProfile'
  | 'registerDevice'
  | 'reportDevice'
  | 'askAdministrator'

/** One setting of compliance policies: what it demands, where, and how that is found out. */
export interface Rule<R = unknown> {
  /** For administrators. */
  readonly title: string
  readonly value: ValueType
  readonly criterion: Criterion<R>
  readonly classes: Classes
  /** Graph's property, or for Linux the id of the setting definition, by type of policy. */
  readonly properties: { readonly [T in PolicyType]?: string }
  readonly fix: Fix
  /** Where one of these policy types holds it, it is evaluated only if one of these is set too. */
  readonly needs?: {
    readonly types: readonly PolicyType[]
    readonly settings: readonly SettingName[]
  }
  /** Editions that policies of a type judge by another setting in the place of this one. */
  readonly leaves?: { readonly type: PolicyType; readonly edition: Edition }
  /** Who it comes from: a setting that Graph has no property for. */
  readonly origin?: 'Configuration Manager' | 'Postern'
}
