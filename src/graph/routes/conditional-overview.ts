import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { ConditionalAccess } from '../../access/policy.ts'
import type { Clock } from '../../base/clock.ts'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import { createEvaluator, type PolicySet } from '../../conditional/conditional.ts'
import type { Prepared } from '../../conditional/evaluate.ts'
import type { Directory, Everybody } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { collection, urlOf } from '../collection.ts'
import type { ConditionalPolicyRow, HolesBody } from '../conditional-contract.ts'
import { base } from '../contract.ts'
import type { HolesThread } from '../holes-thread.ts'
import { createNames, type Names } from '../policy-folder/names.ts'

interface Rooms {
  readonly access: Access
  readonly directory: Directory
  readonly callers: Callers
  readonly holes: HolesThread
  readonly clock: Clock
}

const path = `${base}/postern/conditionalAccess`

/** Conditional access policies as people read them: with names, what is not understood, and what all together leave open. */
export function conditionalOverviewRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { access, directory, callers, holes, clock } = rooms
  const here = async () => {
    const { conditionalAccess: set } = await access.policies()
    return { set, everybody: await directory.everybody() }
  }

  app.get(`${path}/policies`, async (request) => {
    await callers.administrator(request)
    const { set, everybody } = await here()
    const names = createNames(everybody, [], set.namedLocations)
    const { prepared } = createEvaluator(setOf(set))
    const rows = prepared.map((one) => rowOf(one, names))
    return collection(rows, request.query, { url: urlOf(request) })
  })

  app.get(`${path}/holes`, async (request): Promise<HolesBody> => {
    await callers.administrator(request)
    const { set, everybody } = await here()
    const most = limits.analysedPolicies.value
    if (set.policies.length > most)
      throw new Failure('limit.exceeded', `analysedPolicies: more than ${most}`)
    return holes.find({ set: setOf(set), names: namesOf(everybody, set), now: clock.now() })
  })
}

/** What people call users, groups and locations, by id. */
const namesOf = (
  { users, groups }: Everybody,
  { namedLocations }: ConditionalAccess,
): ReadonlyMap<string, string> =>
  new Map([
    ...[...users, ...groups].map(({ id, name }) => [id, name] as const),
    ...namedLocations.map(({ id, displayName }) => [id, displayName ?? id] as const),
  ])

const setOf = (set: ConditionalAccess): PolicySet => ({
  ...set,
  strengths: set.authenticationStrengths,
})

function rowOf({ policy, grant, unevaluated }: Prepared, names: Names): ConditionalPolicyRow {
  const { users, clientAppTypes } = policy.conditions
  const named = (kind: 'user' | 'group', ids: readonly string[] | null | undefined) =>
    (ids ?? []).map((id) => names.name(kind, id))
  return {
    id: policy.id,
    displayName: policy.displayName,
    state: policy.state,
    includes: [
      ...named('user', users?.includeUsers),
      ...named('group', users?.includeGroups),
      ...(users?.includeRoles ?? []),
      ...(users?.includeGuestsOrExternalUsers ? ['guests'] : []),
    ],
    excludes: [
      ...named('user', users?.excludeUsers),
      ...named('group', users?.excludeGroups),
      ...(users?.excludeRoles ?? []),
      ...(users?.excludeGuestsOrExternalUsers ? ['guests'] : []),
    ],
    clientAppTypes,
    controls: grant.controls.map(({ name }) => name),
    operator: policy.grantControls?.operator ?? 'OR',
    unevaluated,
  }
}
