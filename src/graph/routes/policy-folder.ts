import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { AccessPolicies } from '../../access/policy.ts'
import type { SayReason } from '../rows.ts'
import type { Clock } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'
import { limits } from '../../base/limits.ts'
import type { Collections } from '../../collections/collections.ts'
import type { Compliance } from '../../compliance/compliance.ts'
import type { Directory } from '../../directory/directory.ts'
import type { Profiles } from '../../profiles/profiles.ts'
import type { Callers } from '../caller.ts'
import { changeOptions } from '../change-options.ts'
import { consequenceBody } from '../consequence.ts'
import { base } from '../contract.ts'
import {
  type ExportedPolicy,
  policyFolderBody,
  type PolicyFolderBody,
  type PolicyPlan,
} from '../folder-contract.ts'
import {
  exportPolicies,
  isDeed,
  planAccess,
  planCompliance,
} from '../policy-folder/policy-folder.ts'
import { profileWarnings } from '../profile-warnings.ts'

interface Rooms {
  readonly directory: Directory
  readonly collections: Collections
  readonly compliance: Compliance
  readonly profiles: Profiles
  readonly access: Access
  readonly callers: Callers
  readonly sayReason: SayReason
  readonly clock: Clock
}

/** Policies as code: what a folder of them would change, the change itself, and the folder of what is in force. */
export function policyFolderRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { compliance, access, callers } = rooms
  const bodyLimit = limits.policyFolderBytes.value

  const planning = () => givenBy(rooms)
  const plan = (body: PolicyFolderBody) => foresee(rooms, body)

  app.get(`${base}/postern/policies/export`, async (request) => {
    await callers.administrator(request)
    const value: readonly ExportedPolicy[] = exportPolicies(
      await compliance.policies(),
      await access.policies(),
      await planning(),
    )
    return { value }
  })

  app.post(`${base}/postern/policies/plan`, { bodyLimit }, async (request) => {
    await callers.administrator(request)
    const { ofAccess, ofCompliance, warnings } = await plan(policyFolderBody.parse(request.body))
    return { changes: [...ofCompliance, ...ofAccess], warnings } satisfies PolicyPlan
  })

  app.post(`${base}/postern/policies/try`, { bodyLimit }, async (request) => {
    const { actor } = await callers.administrator(request)
    const body = policyFolderBody.parse(request.body)
    const given = await planning()
    const parts = (inForce: AccessPolicies) => planAccess(body, inForce, given).parts
    return consequenceBody(await access.replay(parts, actor), rooms)
  })

  app.post(`${base}/postern/policies/apply`, { bodyLimit }, async (request) => {
    const { actor } = await callers.administrator(request)
    const body = policyFolderBody.parse(request.body)
    const foreseen = await plan(body)
    const { warnings } = foreseen
    let { ofCompliance, ofAccess } = foreseen
    // A room that has nothing to do is not written to: its news would have every device judged anew.
    const [judging, deciding] = [isDeed(ofCompliance), isDeed(ofAccess)]
    if (!judging && !deciding)
      return { changes: [...ofCompliance, ...ofAccess], warnings } satisfies PolicyPlan

    // Planned again within the transaction: from what is in force then, whoever changed it meanwhile.
    const given = await planning()
    const deploy =
      judging &&
      (await compliance.prepare((kept) => {
        const before = kept.map(({ policy }) => policy)
        const planned = planCompliance(body, before, given)
        ofCompliance = planned.changes
        return planned.next.map((policy) => ({ policy }))
      }, actor))
    await access.change(
      (inForce) => {
        if (!deciding) return {}
        const planned = planAccess(body, inForce, given)
        ofAccess = planned.changes
        return planned.parts
      },
      actor,
      deploy || undefined,
      changeOptions(request),
    )
    return { changes: [...ofCompliance, ...ofAccess], warnings } satisfies PolicyPlan
  })
}

/** What a folder would change by what is in force now, and what would be wrong then. */
async function foresee(rooms: Rooms, body: PolicyFolderBody) {
  const given = await givenBy(rooms)
  const { changes, next } = planCompliance(body, await rooms.compliance.policies(), given)
  const ofAccess = planAccess(body, await rooms.access.policies(), given)
  const warnings = await profileWarnings(rooms, next, await rooms.profiles.list())
  return { ofCompliance: changes, ofAccess: ofAccess.changes, warnings }
}

/** What a plan is made with besides the policies. */
async function givenBy({ directory, collections, clock }: Rooms) {
  return {
    everybody: await directory.everybody(),
    collections: await collections.list(),
    now: new Date(clock.now()).toISOString(),
    freshId: (prefix: string) => newId(prefix, clock.now()),
  }
}
