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
import { createPlaces } from './places.ts'
import type { AuthenticationStrength, ConditionalAccessPolicy, NamedLocation } from './policy.ts'
import type { SignIn } from './sign-in.ts'
import { type WhatIfResult, whatIf } from './what-if.ts'

/** Policies with all that they refer to. */
export interface PolicySet {
  readonly policies: readonly ConditionalAccessPolicy[]
  readonly namedLocations?: readonly NamedLocation[]
  readonly strengths?: readonly AuthenticationStrength[]
  /** Two letters for an address, from the administrator's own database. */
  readonly countryOf?: (address: string) => string | undefined
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
}

/** Gives policies their meaning. `prepare`: what gives it to one. */
export function createEvaluator(set: PolicySet, prepare = preparePolicy): Evaluator {
  const places = createPlaces(set.namedLocations ?? [], set.countryOf)
  const strengths = new Map((set.strengths ?? []).map((one) => [one.id.toLowerCase(), one]))
  const known = { places, strengths }
  const prepared = set.policies.map((policy) => prepare(policy, known))
  let compiled: Compiled | undefined
  return {
    decide: (signIn, now) => decide(prepared, signIn, places, now),
    explain: (signIn) => explain(prepared, signIn, places),
    whatIf: (signIn) => whatIf(prepared, signIn, places),
    get compiled() {
      return (compiled ??= compilePolicies(prepared, places))
    },
    prepared,
    known,
  }
}
