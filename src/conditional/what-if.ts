import { holds } from '../logic/formula.ts'
import { isTrue } from './atom.ts'
import type { WhatIfReason } from './conditions/condition.ts'
import type { Prepared } from './evaluate.ts'
import type { Places } from './places.ts'
import type { ConditionalAccessPolicy } from './policy.ts'
import { faultOf } from './read-policy.ts'
import type { SignIn } from './sign-in.ts'

/** Whether one policy would apply, and if not, why: Graph's `whatIfAnalysisResult` around the policy itself. */
export interface WhatIfResult {
  readonly policy: ConditionalAccessPolicy
  readonly policyApplies: boolean
  /** `notSet` where it applies, else the first reason in the order of the flags of `whatIfAnalysisReasons`. */
  readonly analysisReasons: WhatIfReason
}

/** Asks every policy, in their order. What the sign-in lacks is none, so a policy that asks for it does not apply. */
export function whatIf(
  prepared: readonly Prepared[],
  signIn: SignIn,
  places: Places,
): readonly WhatIfResult[] {
  return prepared.map((one) => {
    const analysisReasons = reasonAgainst(one, signIn, places)
    return { policy: one.policy, policyApplies: analysisReasons === 'notSet', analysisReasons }
  })
}

function reasonAgainst({ policy, parts }: Prepared, signIn: SignIn, places: Places): WhatIfReason {
  if (policy.state === 'disabled') return 'policyNotEnabled'
  const unmet = parts.find(({ formula }) => !holds(formula, (atom) => isTrue(atom, signIn, places)))
  if (!unmet) return 'notSet'
  if (faultOf(policy)) return 'invalidPolicy'
  if (isEmpty(policy)) return 'emptyPolicy'
  const { reason } = unmet.condition
  return typeof reason === 'string' ? reason : reason(policy)
}

/** Nobody and nothing is assigned to it. */
function isEmpty({ conditions }: ConditionalAccessPolicy): boolean {
  const lists = [
    conditions.users?.includeUsers,
    conditions.users?.includeGroups,
    conditions.users?.includeRoles,
    conditions.applications?.includeApplications,
    conditions.applications?.includeUserActions,
    conditions.applications?.includeAuthenticationContextClassReferences,
    conditions.clientApplications?.includeServicePrincipals,
  ]
  return lists.every((list) => !list?.length) && !conditions.users?.includeGuestsOrExternalUsers
}
