import type { Instant } from '../base/clock.ts'

export type ComplianceState =
  | 'unknown'
  | 'notApplicable'
  | 'compliant'
  | 'inGracePeriod'
  | 'noncompliant'
  | 'error'
  | 'conflict'

/** One rule failing on one device. Words for people are chosen at the edge, by `rule`. */
export interface Finding {
  /** A setting's name, Graph property spelling: `passwordRequired`, `osMinimumVersion`, …; `policyAssigned` or `isActive`. */
  readonly rule: string
  /** Empty where it is the site that demands it. */
  readonly policy: string
  readonly measured: string | number | boolean | 'notReported' | 'notEvaluated'
  readonly required: string | number | boolean
  /** A trap that this value is known for: `windows81Reports63`, `assignMailProfile`. */
  readonly hint?: string
}

export interface PolicyResult {
  readonly policy: string
  readonly state: ComplianceState
  readonly findings: readonly Finding[]
  /** Settings that were found unmet, and that management forces: they count as met. */
  readonly remediated?: readonly string[]
}

/** A device's compliance. Pure data; `recheckAt` is the first moment at which it could differ, nothing else changing. */
export interface Verdict {
  readonly state: ComplianceState
  /** While `state` is `error`: the state from before that goes on counting, for a week at most. */
  readonly heldState?: ComplianceState
  readonly findings: readonly Finding[]
  readonly policies: readonly PolicyResult[]
  readonly graceUntil?: Instant
  readonly recheckAt?: Instant
}

/** How one setting of a policy stands; `unknown` where it was not reported and the policy lets that pass. */
export type SettingState =
  | 'compliant'
  | 'remediated'
  | 'noncompliant'
  | 'error'
  | 'notApplicable'
  | 'unknown'

/** The state that counts where access depends on it. */
export function countedState(verdict: Pick<Verdict, 'state' | 'heldState'>): ComplianceState {
  return verdict.heldState ?? verdict.state
}

/**
 * Whether a device in this state may do what is for healthy ones: in grace it still may, and what no policy is for fails
 * none. States that say nothing (`unknown`, `error`, `conflict`) are no health.
 */
export function isHealthyState(state: ComplianceState): boolean {
  return state === 'compliant' || state === 'inGracePeriod' || state === 'notApplicable'
}

// Unknown < not applicable < compliant < in grace period < noncompliant < error is the documented severity of device
// compliance; a conflict has no documented place and is ranked so that it never hides an error nor passes as health.
const rank: Readonly<Record<ComplianceState, number>> = {
  unknown: 1,
  notApplicable: 2,
  compliant: 3,
  inGracePeriod: 4,
  noncompliant: 5,
  conflict: 6,
  error: 7,
}

/** The most severe of some states; `unknown` of none. */
export function worstState(states: readonly ComplianceState[]): ComplianceState {
  return states.reduce<ComplianceState>(
    (worst, state) => (rank[state] > rank[worst] ? state : worst),
    'unknown',
  )
}
