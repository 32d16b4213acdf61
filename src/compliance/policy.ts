import type { Instant } from '../base/clock.ts'
import type { Id } from '../base/id.ts'
import type { CollectionId } from '../collections/collection.ts'
import type { Platform } from '../devices/facts.ts'
import type { GroupId } from '../directory/directory.ts'
import type { PolicyType } from './policy-types.ts'
import type { ComplianceSettings } from './settings.ts'

/** Shown in reports where the policy is not met; `criticalWithEvent` also leaves an event in the journal. */
export type Severity = 'none' | 'information' | 'warning' | 'critical' | 'criticalWithEvent'

/** A setting that cannot be evaluated: no device meets it. */
export interface UnsupportedSetting {
  /** As the policy spells it. */
  readonly setting: string
  readonly reason: string
}

/** What a policy does to those who do not meet it, besides marking them noncompliant, which each policy does. */
export interface NoncomplianceAction {
  readonly type: ActionType
  /** Hours after the device was first found noncompliant. */
  readonly gracePeriodHours: number
  /** Of a mail. */
  readonly notificationTemplateId?: string
  /** Groups that get the mail too. */
  readonly notificationMessageCCList?: readonly string[]
}

/** Graph's `deviceComplianceActionType`, without `block`. */
export type ActionType =
  | 'notification'
  | 'pushNotification'
  | 'remoteLock'
  | 'retire'
  | 'wipe'
  | 'removeResourceAccessProfiles'
  | 'noAction'

/** Whom Graph assigns a policy to. */
export interface AssignmentTarget {
  readonly kind: 'allDevices' | 'allLicensedUsers' | 'group' | 'exclusionGroup' | 'collection'
  /** Of the group or collection. */
  readonly id?: string
  /** An assignment filter; it is not evaluated, so the target counts whole. */
  readonly filter?: { readonly id: string; readonly type: 'include' | 'exclude' }
}

/** What a policy can be aimed at: users in a group, users or devices in a collection. */
export type TargetId = GroupId | CollectionId

/** What healthy means for some devices. */
export interface CompliancePolicy {
  /** Unique, at most 256 characters. */
  readonly name: string
  readonly description?: string
  /** One platform per policy, as in Intune; the policy is `notApplicable` on others. */
  readonly platform: Platform | 'all'
  /** Graph's type, where the policy has one: it narrows the platform to an edition, or to a way of managing Android. */
  readonly type?: PolicyType
  readonly settings: ComplianceSettings
  readonly unsupported?: readonly UnsupportedSetting[]
  /** Hours from first noncompliance until it counts; 0 = at once. It is the action `block`, which cannot be removed. */
  readonly gracePeriodHours: number
  readonly actions?: readonly NoncomplianceAction[]
  /** What a setting means when its fact was never reported. Default `noncompliant`. */
  readonly notReported: 'noncompliant' | 'compliant'
  /** Default `none`. */
  readonly severity?: Severity
  /** Groups and collections whose devices are judged; `all` for everyone. */
  readonly assignedTo: 'all' | readonly TargetId[]
  readonly excluded: readonly TargetId[]
  /** Graph's own targets, kept for export; whom the policy reaches is said by `assignedTo` and `excluded`. */
  readonly targets?: readonly AssignmentTarget[]
  /** What else Graph's JSON held, kept for export. */
  readonly origin?: Readonly<Record<string, unknown>>
}

/** `cpl_…` */
export type PolicyId = Id<'cpl'>

/** A policy as it is kept: who refers to it does so by its id, which stays while its name or content change. */
export interface KeptPolicy {
  readonly id: PolicyId
  readonly policy: CompliancePolicy
  readonly createdAt: Instant
  readonly modifiedAt: Instant
  /** From 1, up by one with each change of its content. */
  readonly version: number
}

/** A policy to be: with the id of a kept one it takes that one's place, without one that of its namesake. */
export interface PolicyDraft {
  readonly id?: PolicyId
  readonly policy: CompliancePolicy
}
