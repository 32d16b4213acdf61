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
  /** Registry name, Graph property spelling: `passwordRequired`, `osMinimumVersion`, … */
  readonly rule: string
  readonly policy: string
  readonly measured: string | number | boolean | 'notReported'
  readonly required: string | number | boolean
}

export interface PolicyResult {
  readonly policy: string
  readonly state: ComplianceState
  readonly findings: readonly Finding[]
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

/** The state that counts where access depends on it. */
export function countedState(verdict: Pick<Verdict, 'state' | 'heldState'>): ComplianceState {
  return verdict.heldState ?? verdict.state
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
