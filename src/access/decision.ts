import type { Instant } from '../base/clock.ts'

export type Outcome = 'allow' | 'block' | 'quarantine' | 'challenge'

/** Exchange's words, as kept per partnership. */
export type AccessState = 'unknown' | 'allowed' | 'blocked' | 'quarantined' | 'deviceDiscovery'

/** Graph's `deviceManagementExchangeAccessStateReason`, plus the codes that Graph lacks. */
export type AccessStateReason =
  | 'unknown'
  | 'other'
  | 'exchangeGlobalRule'
  | 'exchangeIndividualRule'
  | 'exchangeDeviceRule'
  | 'exchangeMailboxPolicy'
  | 'compliant'
  | 'notCompliant'
  | 'notEnrolled'
  | 'notActivated'
  | 'approvalPending'
  | 'unsupportedPlatform'
  | 'domainJoined'
  | 'notDomainJoined'
  | 'azureADBlockDueToAccessPolicy'
  | 'mfaRequired'
  | 'userDisabled'
  | 'easDisabled'
  | 'deviceDiscovery'
  | 'userAgentsChanges'
  | 'recentCommands'
  | 'syncCommands'
  | 'watsons'
  | 'observing'
  | 'behind'
  | 'internal'

/** Why: a stable code with its data. Words for people are chosen at the edge. */
export interface Reason {
  readonly code: string
  /** Name of the policy or rule that spoke. */
  readonly policy?: string
  readonly measured?: string | number | boolean
  readonly required?: string | number | boolean
}

/** One conditional access policy on one attempt, in Graph's words. */
export interface AppliedPolicy {
  readonly id: string
  readonly displayName: string
  readonly result: string
  /** What it demands, and what it sets; decisions of older versions do not say. */
  readonly grantControls?: readonly string[]
  readonly sessionControls?: readonly string[]
}

export interface Decision {
  /** What the door does. */
  readonly outcome: Outcome
  /** What the policies say; differs from `outcome` only while the site observes. */
  readonly judged: Outcome
  /** Whether enforcement has begun for this user. While false, doors pass everything untouched and demand no EAS policy. */
  readonly enforced: boolean
  readonly state: AccessState
  readonly stateReason: AccessStateReason
  readonly reasons: readonly Reason[]
  /** Step that decided, in order of the steps taken. */
  readonly path: readonly string[]
  /** What each conditional access policy that applied said of it. */
  readonly policies?: readonly AppliedPolicy[]
  /** First moment at which, nothing else changing, the decision could differ. */
  readonly recheckAt?: Instant
}
