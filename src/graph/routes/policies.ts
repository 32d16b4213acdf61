import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { Collections } from '../../collections/collections.ts'
import type { Compliance } from '../../compliance/compliance.ts'
import type { Directory } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { changeOptions } from '../change-options.ts'
import { base, enforcementBody, policySet } from '../contract.ts'
import { groupNamed, readPolicies, writePolicies } from '../policy-names.ts'

interface Rooms {
  readonly directory: Directory
  readonly collections: Collections
  readonly compliance: Compliance
  readonly access: Access
  readonly callers: Callers
}

/** Policies as documents with names, and the switch from observing to enforcing. */
export function policyRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { directory, collections, compliance, access, callers } = rooms

  const inForce = async () => {
    const { groups } = await directory.everybody()
    return writePolicies(
      await compliance.policies(),
      await access.policies(),
      groups,
      await collections.list(),
    )
  }

  app.get(`${base}/postern/policies`, async (request) => {
    await callers.administrator(request)
    return inForce()
  })

  app.put(`${base}/postern/policies`, async (request) => {
    const { actor } = await callers.administrator(request)
    const set = policySet.parse(request.body)
    const change = readPolicies(set, (await directory.everybody()).groups, await collections.list())
    // Both rooms check before either writes, and they write in one transaction: nothing is half applied.
    const { compliance: policies } = change
    const deploy =
      policies && (() => compliance.prepare(() => policies.map((policy) => ({ policy })), actor))
    if (deploy || Object.keys(change.access).length > 0)
      await access.change(change.access, actor, deploy, changeOptions(request))
    return inForce()
  })

  app.put(`${base}/postern/enforcement`, async (request) => {
    const { actor } = await callers.administrator(request)
    const { state, scope = 'all' } = enforcementBody.parse(request.body)
    const { groups } = await directory.everybody()
    const ids = scope === 'all' ? scope : scope.map((name) => groupNamed(groups, name))
    const { enforcement } = await access.change(
      { enforcement: { state, scope: ids } },
      actor,
      undefined,
      changeOptions(request),
    )
    return { state: enforcement.state, scope }
  })
}
