import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import { identityOf } from '../../access/request.ts'
import { createEvaluator } from '../../conditional/conditional.ts'
import { writePolicy } from '../../conditional/read-policy.ts'
import { type Identities, readWhatIfRequest } from '../../conditional/what-if-request.ts'
import { type Directory, transitiveGroups } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { base } from '../contract.ts'

interface Rooms {
  readonly access: Access
  readonly directory: Directory
  readonly callers: Callers
}

/** What If: Graph's `evaluate` over the users, locations and policies of this site, its answer `whatIfAnalysisResult`s. */
export function evaluateRoutes(app: FastifyInstance, { access, directory, callers }: Rooms): void {
  app.post(`${base}/identity/conditionalAccess/evaluate`, async (request) => {
    await callers.administrator(request)
    const { conditionalAccess: set } = await access.policies()
    const { signIn, appliedPoliciesOnly } = readWhatIfRequest(
      request.body,
      await identitiesOf(directory),
    )
    const evaluator = createEvaluator({ ...set, strengths: set.authenticationStrengths })
    const value = evaluator
      .whatIf(signIn)
      .filter(({ policyApplies }) => policyApplies || !appliedPoliciesOnly)
      .map(({ policy, policyApplies, analysisReasons }) => ({
        ...writePolicy(policy),
        policyApplies,
        analysisReasons,
      }))
    return { '@odata.context': `${base}/$metadata#Collection(whatIfAnalysisResult)`, value }
  })
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
