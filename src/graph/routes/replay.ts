import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { AccessPolicies, ConditionalAccess, Unconfirmed } from '../../access/policy.ts'
import type { Collection } from '../../collections/collection.ts'
import type { Collections } from '../../collections/collections.ts'
import type { Compliance, NextPolicies } from '../../compliance/compliance.ts'
import type { PolicyDraft } from '../../compliance/policy.ts'
import { readNamedLocation, readPolicy } from '../../conditional/read-policy.ts'
import type { Directory, Everybody } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { changeOptions } from '../change-options.ts'
import { readPolicyRow } from '../compliance-policy-rows.ts'
import { consequenceBody } from '../consequence.ts'
import { base } from '../contract.ts'
import {
  type ConsequenceBody,
  type DraftBody,
  draftBody,
  type LockoutGuardBody,
  lockoutGuardBody,
  type UnconfirmedBody,
} from '../draft-contract.ts'
import { groupNamed, readPolicies, userNamed } from '../policy-names.ts'
import type { SayReason } from '../rows.ts'

interface Rooms {
  readonly access: Access
  readonly collections: Collections
  readonly compliance: Compliance
  readonly directory: Directory
  readonly callers: Callers
  readonly sayReason: SayReason
}

const path = `${base}/postern/policies`

/** Drafts of policies tried on everybody who is known, the confirmation of a change, and what guards against a lockout. */
export function replayRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { access, collections, compliance, directory, callers } = rooms

  app.post(`${path}/replay`, async (request): Promise<ConsequenceBody> => {
    const { actor } = await callers.administrator(request)
    const body = draftBody.parse(request.body)
    const everybody = await directory.everybody()
    const next = nextPolicies(body, everybody, await collections.list())
    const alongside = next && (() => compliance.prepare(next, actor))
    const replay = access.replay(partsOf(body, everybody), actor, alongside)
    return consequenceBody(await replay, rooms)
  })

  app.get(`${path}/unconfirmed`, async (request): Promise<{ value: UnconfirmedBody[] }> => {
    await callers.administrator(request)
    const waiting = await access.unconfirmed()
    return { value: waiting ? [unconfirmedBody(waiting)] : [] }
  })

  app.post(`${path}/confirm`, async (request): Promise<UnconfirmedBody> => {
    const { actor } = await callers.administrator(request)
    return unconfirmedBody(await access.confirm(actor))
  })

  app.get(`${base}/postern/lockout`, async (request): Promise<LockoutGuardBody> => {
    await callers.administrator(request)
    return guardBody(await access.policies(), await directory.everybody())
  })

  app.put(`${base}/postern/lockout`, async (request): Promise<LockoutGuardBody> => {
    const { actor } = await callers.administrator(request)
    const body = lockoutGuardBody.parse(request.body)
    const everybody = await directory.everybody()
    const lockout = {
      breakGlassUsers: body.breakGlassUsers.map((name) => userNamed(everybody.users, name)),
      breakGlassGroups: body.breakGlassGroups.map((name) => groupNamed(everybody.groups, name)),
      mostPercent: body.mostPercent,
      leastClients: body.leastClients,
    }
    const changed = await access.change({ lockout }, actor, undefined, changeOptions(request))
    return guardBody(changed, everybody)
  })
}

/** A draft over the policies in force. */
function partsOf(
  { documents, conditionalAccessPolicies, namedLocations, enforcement }: DraftBody,
  { groups }: Everybody,
): (inForce: AccessPolicies) => Partial<AccessPolicies> {
  const policies = (conditionalAccessPolicies ?? []).map(
    (one, place) =>
      // A draft need not have an id.
      readPolicy({ id: `cap_draft${place}`, ...one }).policy,
  )
  const locations = (namedLocations ?? []).map(readNamedLocation)
  return ({ conditionalAccess }) => ({
    ...(documents && readPolicies({ documents }, groups).access),
    ...((conditionalAccessPolicies || namedLocations) && {
      conditionalAccess: over(conditionalAccess, { policies, namedLocations: locations }),
    }),
    ...(enforcement && {
      enforcement: {
        state: enforcement.state,
        scope:
          enforcement.scope === undefined || enforcement.scope === 'all'
            ? 'all'
            : enforcement.scope.map((name) => groupNamed(groups, name)),
      },
    }),
  })
}

/** The compliance policies of a draft among those in force; `undefined` where it says nothing of any. */
function nextPolicies(
  { documents, deviceCompliancePolicies: graphs }: DraftBody,
  { groups }: Everybody,
  collections: readonly Collection[],
): NextPolicies | undefined {
  const whole = documents && readPolicies({ documents }, groups, collections).compliance
  if (!whole && !graphs) return undefined
  return (kept) => {
    const drafts: PolicyDraft[] = whole ? whole.map((policy) => ({ policy })) : [...kept]
    for (const document of graphs ?? []) {
      const fresh = readPolicyRow(document, { assignedTo: [], excluded: [] })
      const at = drafts.findIndex(({ policy }) => isNamesake(policy, fresh))
      if (at < 0) drafts.push({ policy: fresh })
      const { assignedTo = [], excluded = [] } = drafts[at]?.policy ?? {}
      if (at >= 0) drafts[at] = { policy: readPolicyRow(document, { assignedTo, excluded }) }
    }
    return drafts
  }
}

const isNamesake = (one: { readonly name: string }, other: { readonly name: string }) =>
  one.name.toLowerCase() === other.name.toLowerCase()

/** Those of the draft take the place of those of the same id or name; the rest stays. */
function over(
  inForce: ConditionalAccess,
  draft: Pick<ConditionalAccess, 'policies' | 'namedLocations'>,
): ConditionalAccess {
  return {
    ...inForce,
    policies: merged(inForce.policies, draft.policies),
    namedLocations: merged(inForce.namedLocations, draft.namedLocations),
  }
}

interface Named {
  readonly id: string
  readonly displayName?: string | null | undefined
}

function merged<T extends Named>(inForce: readonly T[], draft: readonly T[]): readonly T[] {
  const namesOf = ({ id, displayName }: Named) =>
    displayName ? [id, displayName.toLowerCase()] : [id]
  const replaced = new Set(draft.flatMap(namesOf))
  return [...inForce.filter((one) => !namesOf(one).some((name) => replaced.has(name))), ...draft]
}

const unconfirmedBody = ({ actor, at, undoAt, after }: Unconfirmed): UnconfirmedBody => ({
  actor,
  changedDateTime: new Date(at).toISOString(),
  rollbackDateTime: new Date(undoAt).toISOString(),
  parts: Object.keys(after),
})

function guardBody({ lockout }: AccessPolicies, { users, groups }: Everybody): LockoutGuardBody {
  const nameOf = <I extends string>(all: readonly { id: I; name: string }[], id: I) =>
    all.find((one) => one.id === id)?.name ?? id
  return {
    breakGlassUsers: lockout.breakGlassUsers.map((id) => nameOf(users, id)),
    breakGlassGroups: lockout.breakGlassGroups.map((id) => nameOf(groups, id)),
    mostPercent: lockout.mostPercent,
    leastClients: lockout.leastClients,
  }
}
