import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { ConditionalAccess } from '../../access/policy.ts'
import type { Clock } from '../../base/clock.ts'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import { type Analysis, analyse } from '../../conditional/analysis.ts'
import { type HoleReport, reportAnalysis } from '../../conditional/analysis-report.ts'
import { wordsForCells, wordsForWho, wordsOf } from '../../conditional/analysis-words.ts'
import { createEvaluator, type PolicySet } from '../../conditional/conditional.ts'
import type { Prepared } from '../../conditional/evaluate.ts'
import type { Directory } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { collection, urlOf } from '../collection.ts'
import type { ConditionalPolicyRow, HoleRow, HolesBody } from '../conditional-contract.ts'
import { base } from '../contract.ts'
import { createNames, type Names } from '../policy-folder/names.ts'

interface Rooms {
  readonly access: Access
  readonly directory: Directory
  readonly callers: Callers
  readonly clock: Clock
}

const path = `${base}/postern/conditionalAccess`

/** Conditional access policies as people read them: with names, what is not understood, and what all together leave open. */
export function conditionalOverviewRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { access, directory, callers, clock } = rooms
  const here = async () => {
    const { conditionalAccess: set } = await access.policies()
    return { set, names: createNames(await directory.everybody(), [], set.namedLocations) }
  }

  app.get(`${path}/policies`, async (request) => {
    await callers.administrator(request)
    const { set, names } = await here()
    const { prepared } = createEvaluator(setOf(set))
    const rows = prepared.map((one) => rowOf(one, names))
    return collection(rows, request.query, { url: urlOf(request) })
  })

  app.get(`${path}/holes`, async (request): Promise<HolesBody> => {
    await callers.administrator(request)
    const { set, names } = await here()
    const most = limits.analysedPolicies.value
    if (set.policies.length > most)
      throw new Failure('limit.exceeded', `analysedPolicies: more than ${most}`)
    return holesOf(analyse(setOf(set), { counting: 'enabled', now: clock.now() }), names)
  })
}

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

/** What deciding does not confirm must not be believed. Throws `internal`. */
function holesOf(analysis: Analysis, names: Names): HolesBody {
  const [contradiction] = analysis.disagreements
  if (contradiction) throw new Failure('internal', 'the analysis contradicts the decision')
  const report = reportAnalysis(analysis, (id) => nameIn(names, id))
  const rows = [
    ...report.holes.flatMap((hole) => rowsOf('hole', hole)),
    ...report.undecided.map(({ who, client, platform }) => ({
      ...nothing,
      kind: 'undecided' as const,
      who: wordsForWho([who]),
      client,
      platform,
    })),
    ...report.exceptions.flatMap((hole) => rowsOf('exception', hole)),
  ]
  return {
    policyCount: report.policies.length,
    holes: rows.map((row, place) => ({ id: String(place), ...row })),
    surplus: report.surplus.map(({ kind, policy, conditions, by }) => ({
      id: `${kind} ${policy.id}`,
      policy: policy.displayName,
      kind,
      because: conditions ?? by?.map(({ displayName }) => displayName) ?? [],
    })),
  }
}

const nothing = { from: '', done: '', device: '' }

function rowsOf(
  kind: HoleRow['kind'],
  { who, given, cells }: HoleReport,
): readonly Omit<HoleRow, 'id'>[] {
  const words = wordsOf(given)
  const whom = [wordsForWho(who), words.who && `in ${words.who}`].filter(Boolean).join(' ')
  const { from, done, device } = words
  return wordsForCells(cells).map((cell) => ({ kind, who: whom, ...cell, from, done, device }))
}

/** Of whatever kind it is. */
function nameIn(names: Names, id: string): string | undefined {
  const kinds = ['user', 'group', 'location'] as const
  return kinds.map((kind) => names.name(kind, id)).find((name) => name !== id)
}
