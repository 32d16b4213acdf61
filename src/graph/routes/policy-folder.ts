import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { AccessPolicies } from '../../access/policy.ts'
import type { SayReason } from '../rows.ts'
import type { Clock } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'
import { limits } from '../../base/limits.ts'
import type { Collections } from '../../collections/collections.ts'
import type { Compliance } from '../../compliance/compliance.ts'
import type { KeptPolicy } from '../../compliance/policy.ts'
import type { Directory } from '../../directory/directory.ts'
import type { EntryDraft } from '../../history/entry.ts'
import type { History } from '../../history/history.ts'
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
import { readApplied, withDrift } from '../policy-folder/drift.ts'
import { formsOf, inFolder, keyOf } from '../policy-folder/forms.ts'
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
  readonly history: History
  readonly callers: Callers
  readonly sayReason: SayReason
  readonly clock: Clock
}

/** Policies as code: what a folder of them would change, the change itself, and the folder of what is in force. */
export function policyFolderRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { compliance, access, callers } = rooms
  const bodyLimit = limits.policyFolderBytes.value

  const planning = () => givenBy(rooms)

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
    const body = policyFolderBody.parse(request.body)
    const { ofAccess, ofCompliance, warnings, site, folder } = await foresee(rooms, body)
    const forms = { site: formsOf(site), folder: formsOf(inFolder(body, folder)) }
    const changes = await withDrift([...ofCompliance, ...ofAccess], forms, rooms.history)
    return { changes, warnings } satisfies PolicyPlan
  })

  app.post(`${base}/postern/policies/try`, { bodyLimit }, async (request) => {
    const { actor } = await callers.administrator(request)
    const body = policyFolderBody.parse(request.body)
    const given = await planning()
    const parts = (inForce: AccessPolicies) => planAccess(body, inForce, given).parts
    const { changes } = planCompliance(body, await compliance.policies(), given)
    const deploy = () =>
      compliance.prepare((kept) => draftsOf(planCompliance(body, contentOf(kept), given)), actor)
    const replay = access.replay(parts, actor, isDeed(changes) ? deploy : undefined)
    return consequenceBody(await replay, rooms)
  })

  app.post(`${base}/postern/policies/apply`, { bodyLimit }, async (request) => {
    const { actor } = await callers.administrator(request)
    const body = policyFolderBody.parse(request.body)
    return await applyFolder(rooms, body, { ...changeOptions(request), actor })
  })
}

/** One transaction, whatever it changes. */
async function applyFolder(
  rooms: Rooms,
  body: PolicyFolderBody,
  { actor, ...options }: ReturnType<typeof changeOptions> & { readonly actor: string },
): Promise<PolicyPlan> {
  const { compliance, access } = rooms
  const foreseen = await foresee(rooms, body)
  const { warnings, given } = foreseen
  let { ofCompliance, ofAccess, nextCompliance } = foreseen
  // A room that has nothing to do is not written to: its news would have every device judged anew.
  const [judging, deciding] = [isDeed(ofCompliance), isDeed(ofAccess)]
  if (!judging && !deciding) {
    await noteUnchanged(rooms, inFolder(body, foreseen.folder), actor)
    return { changes: [...ofCompliance, ...ofAccess], warnings } satisfies PolicyPlan
  }

  // Planned again within the transaction: from what is in force then, whoever changed it meanwhile.
  const deploy = () =>
    compliance.prepare((kept) => {
      const planned = planCompliance(body, contentOf(kept), given)
      ofCompliance = planned.changes
      nextCompliance = planned.next
      return draftsOf(planned)
    }, actor)
  const noted = (changed: AccessPolicies) => [
    appliedEntry(inFolder(body, exportPolicies(nextCompliance, changed, given))),
  ]
  await access.change(
    (inForce) => {
      if (!deciding) return {}
      const planned = planAccess(body, inForce, given)
      ofAccess = planned.changes
      return planned.parts
    },
    actor,
    judging ? deploy : undefined,
    { ...options, noted },
  )
  return { changes: [...ofCompliance, ...ofAccess], warnings } satisfies PolicyPlan
}

const contentOf = (kept: readonly KeptPolicy[]) => kept.map(({ policy }) => policy)

const draftsOf = ({ next }: Pick<ReturnType<typeof planCompliance>, 'next'>) =>
  next.map((policy) => ({ policy }))

/** What a folder would change by what is in force now, and what would be wrong then. */
async function foresee(rooms: Rooms, body: PolicyFolderBody) {
  const given = await givenBy(rooms)
  const [judging, deciding] = [await rooms.compliance.policies(), await rooms.access.policies()]
  const ofCompliance = planCompliance(body, judging, given)
  const ofAccess = planAccess(body, deciding, given)
  return {
    given,
    ofCompliance: ofCompliance.changes,
    ofAccess: ofAccess.changes,
    nextCompliance: ofCompliance.next,
    warnings: await profileWarnings(rooms, ofCompliance.next, await rooms.profiles.list()),
    /** What is in force, and what would be. */
    site: exportPolicies(judging, deciding, given),
    folder: exportPolicies(ofCompliance.next, { ...deciding, ...ofAccess.parts }, given),
  }
}

/** What the history keeps of an apply: what a later plan is held against. */
const appliedEntry = (policies: readonly ExportedPolicy[]): EntryDraft => ({
  kind: 'apply',
  id: 'apply',
  name: '',
  change: 'created',
  difference: [],
  applied: formsOf(policies),
})

/** An apply that finds all done is told only where it agrees with what somebody else did since the last. */
async function noteUnchanged(
  { history }: Rooms,
  policies: readonly ExportedPolicy[],
  actor: string,
): Promise<void> {
  const entry = appliedEntry(policies)
  const forms = entry.applied ?? []
  const { forms: before } = await readApplied(history, forms.map(keyOf))
  if (forms.some((one) => before.get(keyOf(one))?.form !== one.form))
    await history.record(actor, [entry])
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
