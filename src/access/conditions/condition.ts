import type { Instant } from '../../base/clock.ts'
import type { AccessState, AccessStateReason, Reason } from '../decision.ts'
import type { AccessLevel, AccessPolicies } from '../policy.ts'
import type { PolicyIndex } from '../policy-index.ts'
import type { Conditional } from '../conditional.ts'
import type { Circumstances } from '../request.ts'

/** All that a condition may look at. */
export interface Question {
  readonly circumstances: Circumstances
  readonly policies: AccessPolicies
  readonly index: PolicyIndex
  /** What the conditional access policies say; `undefined` where there are none. */
  readonly conditional: Conditional | undefined
  readonly now: Instant
  /** The policies are met and said this, but the rules are asked all the same. */
  readonly met?: Answer
}

/** What a step says once it speaks. */
export interface Answer {
  readonly level: AccessLevel
  /** Where it is not the one that goes with the level. */
  readonly state?: AccessState
  readonly stateReason: AccessStateReason
  /** The first one's code equals `stateReason`. */
  readonly reasons: readonly Reason[]
}

/** One step of the decision. The same three functions decide and explain. */
export interface Condition {
  readonly name: string
  /** It is no policy but a fact, and holds while the site observes, too. */
  readonly beforeEnforcement?: true
  /** It speaks for the policies and not for Exchange's own rules: `Semantics` says what follows. */
  readonly ofPolicy?: true
  /** `undefined`: it does not speak, and the next step is asked. */
  judge(question: Question): Answer | undefined
  /** When time alone may change what it says. */
  until?(question: Question): Instant | undefined
  /** What it looked at, in short. Only `explain` asks. */
  because(question: Question): string
}

/** A condition that chooses which steps follow or whether they count. */
export interface Fork {
  readonly name: string
  matches(question: Question): boolean
  because(question: Question): string
}
