import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import { identityOf } from '../../access/request.ts'
import type { Clock, Instant } from '../../base/clock.ts'
import { createEvaluator, type Evaluator } from '../../conditional/conditional.ts'
import { writePolicy } from '../../conditional/read-policy.ts'
import { type Identities, readWhatIfRequest } from '../../conditional/what-if-request.ts'
import type { SignIn } from '../../conditional/sign-in.ts'
import { type Directory, transitiveGroups } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import type { WhatIfBody } from '../conditional-contract.ts'
import { base } from '../contract.ts'

interface Rooms {
  readonly access: Access
  readonly directory: Directory
  readonly callers: Callers
  readonly clock: Clock
}

/** What If: Graph's `evaluate` over the users, locations and policies of this site, its answer `whatIfAnalysisResult`s. */
export function evaluateRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { access, directory, callers, clock } = rooms
  app.post(`${base}/identity/conditionalAccess/evaluate`, async (request) => {
    await callers.administrator(request)
    const { conditionalAccess: set } = await access.policies()
    const { signIn, appliedPoliciesOnly } = readWhatIfRequest(
      request.body,
      await identitiesOf(directory),
    )
    const evaluator = createEvaluator({ ...set, strengths: set.authenticationStrengths })
    return {
      '@odata.context': `${base}/$metadata#Collection(whatIfAnalysisResult)`,
      ...foresee(evaluator, signIn, appliedPoliciesOnly, clock.now()),
    }
  })
}

/** By the same policies that decide; the proof of identity is fresh unless it is said how old it is. */
function foresee(
  evaluator: Evaluator,
  signIn: SignIn,
  appliedOnly: boolean,
  now: Instant,
): WhatIfBody {
  const fresh = { ...signIn, authenticatedAt: signIn.authenticatedAt ?? now }
  const { outcome, errorCode = null, required, policies } = evaluator.decide(fresh, now)
  const explained = evaluator.explain(fresh)
  const value = evaluator
    .whatIf(fresh)
    .map(({ policy, policyApplies, analysisReasons }, place) => ({
      ...writePolicy(policy),
      policyApplies,
      analysisReasons,
      postern: {
        result: policies[place]?.result ?? 'notApplied',
        missing: policies[place]?.missing ?? [],
        conditions: explained[place]?.conditions ?? [],
        controls: explained[place]?.controls ?? [],
        unevaluated: explained[place]?.unevaluated ?? [],
      },
    }))
    .filter(({ policyApplies }) => policyApplies || !appliedOnly)
  return { value, postern: { outcome, errorCode, required } }
}

/** Users by id, sign-in name or mail address, in any case. */
async function identitiesOf(directory: Directory): Promise<Identities> {
  const everybody = await directory.everybody()
  const groups = transitiveGroups(everybody)
  const named = new Map(
    everybody.users.flatMap((user) =>
      [user.id, user.name, user.mail].map((name) => [name.toLowerCase(), user] as const),
    ),
  )
  return {
    user(name) {
      const user = named.get(name.toLowerCase())
      return user && identityOf({ ...user, groups: groups.get(user.id) ?? new Set() })
    },
    // Here is no workload: policies know such an identity by its id alone.
    servicePrincipal: (id) => ({
      kind: 'servicePrincipal',
      id,
      groups: new Set(),
      roles: new Set(),
    }),
  }
}
