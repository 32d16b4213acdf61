import type { Instant } from '../../base/clock.ts'
import type { Facts, Platform } from '../../devices/facts.ts'
import type { ComplianceSettings } from '../compliance.ts'

type Value = string | number | boolean

/** What a rule may look at, besides its own setting. */
export interface Evidence {
  readonly facts: Facts
  readonly platform: Platform
  /** The device's own last report, of whatever facts. */
  readonly lastReportAt: Instant | undefined
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
    }
  | { readonly says: 'notReported'; readonly required: Value }
  /** The fact makes no sense, so that nothing can be said. */
  | { readonly says: 'error'; readonly measured: Value; readonly required: Value }

/** One setting of a compliance policy. */
export interface Rule {
  readonly name: keyof ComplianceSettings
  /** Platforms on which the setting means something; elsewhere it is not evaluated. Default: all. */
  readonly platforms?: readonly Platform[]
  /** `undefined` where the policy leaves the setting unset. */
  judge(settings: ComplianceSettings, evidence: Evidence, now: Instant): Ruling | undefined
}
