import type { Instant } from '../base/clock.ts'
import { type Compiled, compilePolicies } from './compiled/compiled.ts'
import type { Known } from './conditions/condition.ts'
import {
  type Decision,
  decide,
  explain,
  type PolicyExplanation,
  type Prepared,
  preparePolicy,
} from './evaluate.ts'
import { Lineage, type Surroundings } from './lineage.ts'
import type { ConditionalAccessPolicy } from './policy.ts'
import type { SignIn } from './sign-in.ts'
import { type WhatIfResult, whatIf } from './what-if.ts'

/** Policies with all that they refer to. */
export interface PolicySet extends Surroundings {
  readonly policies: readonly ConditionalAccessPolicy[]
}

/** A set of policies, ready to be asked. Pure: the same question has the same answer until `recheckAt`. */
export interface Evaluator {
  /** May this sign-in go on? */
  decide(signIn: SignIn, now: Instant): Decision
  /** Every policy with every condition and control, by the same formulas that decide. */
  explain(signIn: SignIn): readonly PolicyExplanation[]
  /** Which policies would apply, and why the others would not. */
  whatIf(signIn: SignIn): readonly WhatIfResult[]
  /** The same decisions for many questions; made when first asked for. */
  readonly compiled: Compiled
  /** The policies with their formulas, for analysis. */
  readonly prepared: readonly Prepared[]
  readonly known: Known
  /** What it has in common with sets that are edited from this one. */
  readonly lineage: Lineage
}

/**
 * Gives policies their meaning. `prepare`: what gives it to one. `before`: of a set that this one was edited from; what both say
 * alike is taken from there, so that an edit costs what it changes. The answers are the same with and without.
 */
export function createEvaluator(
  set: PolicySet,
  prepare = preparePolicy,
  before?: Lineage,
): Evaluator {
  const lineage = before?.holds(set) ? before : new Lineage(set)
  const { known, places } = lineage
  const prepared = lineage.prepare(set.policies, (policy) => prepare(policy, known))
  let compiled: Compiled | undefined
  return {
    decide: (signIn, now) => decide(prepared, signIn, places, now),
    explain: (signIn) => explain(prepared, signIn, places),
    whatIf: (signIn) => whatIf(prepared, signIn, places),
    get compiled() {
      return (compiled ??= compilePolicies(prepared, lineage))
    },
    prepared,
    known,
    lineage,
  }
}
