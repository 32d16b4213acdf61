import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import type { Access } from '../../access/access.ts'
import type { Compliance, NextPolicies } from '../../compliance/compliance.ts'
import type { CompliancePolicy, KeptPolicy } from '../../compliance/policy.ts'
import type { Callers } from '../caller.ts'
import { collection, type Shape, single, urlOf } from '../collection.ts'
import {
  actionsOf,
  assignmentsOf,
  deviceStatusRows,
  expandable,
  policyRow,
  readPolicyRow,
  statusOverview,
  stateSummary,
  userStatusRows,
} from '../compliance-policy-rows.ts'
import { base, type ManagedDevice } from '../contract.ts'
import { changeGuarded } from '../guarded-compliance.ts'
import type { Roster } from '../roster.ts'

interface Rooms {
  readonly compliance: Compliance
  readonly access: Access
  readonly roster: Roster
  readonly callers: Callers
}

type Keyed = { Params: { id: string } }

const management = `${base}/deviceManagement`

/** The two families that Graph keeps compliance policies in: those with a type per platform, and the settings catalogue. */
const families = [
  { path: `${management}/deviceCompliancePolicies`, holds: isTyped },
  { path: `${management}/compliancePolicies`, holds: (one: CompliancePolicy) => !isTyped(one) },
] as const

function isTyped({ type }: CompliancePolicy): boolean {
  return type !== 'deviceManagementCompliancePolicy'
}

/** Compliance policies as Microsoft Graph has them, how devices stand under them, and what the site decides for all. */
export function compliancePolicyRoutes(app: FastifyInstance, rooms: Rooms): void {
  for (const family of families) {
    keepingRoutes(app, rooms, family)
    assigningRoutes(app, rooms, family)
    statusRoutes(app, rooms, family)
  }
  siteRoutes(app, rooms)
}

type Family = (typeof families)[number]

const ofFamily = async ({ compliance }: Rooms, { holds }: Family) =>
  (await compliance.kept()).filter(({ policy }) => holds(policy))

const shapeOf = (request: FastifyRequest): Shape => ({ expandable, url: urlOf(request) })

function keepingRoutes(app: FastifyInstance, rooms: Rooms, family: Family): void {
  const { callers } = rooms
  const { path, holds } = family

  app.get(path, async (request) => {
    await callers.administrator(request)
    const rows = (await ofFamily(rooms, family)).map(policyRow)
    return collection(rows, request.query, shapeOf(request))
  })

  app.get<Keyed>(`${path}/:id`, async (request) => {
    await callers.administrator(request)
    const kept = found(await ofFamily(rooms, family), request.params.id)
    return single(policyRow(kept), request.query, { expandable })
  })

  app.post(path, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    // As in Graph, a new policy is for nobody until it is assigned.
    const policy = readPolicyRow(request.body, { assignedTo: [], excluded: [] })
    if (!holds(policy)) throw new Failure('policy.invalid', 'this policy belongs to the other list')
    const after = await change(rooms, { actor, request }, (kept) => {
      if (kept.some((one) => isNamed(one, policy.name)))
        throw new Failure(
          'name.taken',
          `there is a compliance policy ${JSON.stringify(policy.name)}`,
        )
      return [...kept, { policy }]
    })
    const created = after.find((one) => isNamed(one, policy.name))
    return reply.code(201).send(created && policyRow(created))
  })

  app.patch<Keyed>(`${path}/:id`, async (request) => {
    const { actor } = await callers.administrator(request)
    const body = z.record(z.string(), z.unknown()).parse(request.body)
    const changed = await changeOne(rooms, family, { actor, request }, (kept) => {
      if (!kept.policy.type)
        throw new Failure('policy.invalid', 'it has no type of Graph’s: apply it as a document')
      const { assignments: _, ...before } = policyRow(kept)
      const { assignedTo, excluded, targets } = kept.policy
      const policy = readPolicyRow({ ...before, ...body }, { assignedTo, excluded })
      return 'assignments' in body || !targets ? policy : { ...policy, targets }
    })
    return policyRow(changed)
  })

  app.delete<Keyed>(`${path}/:id`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    await change(rooms, { actor, request }, (kept) => {
      const gone = found(
        kept.filter(({ policy }) => holds(policy)),
        request.params.id,
      )
      return kept.filter((one) => one !== gone)
    })
    return reply.code(204).send()
  })
}

const assignBody = z.looseObject({
  assignments: z.array(z.unknown()).max(limits.policyListItems.value),
})
const actionsBody = z.looseObject({
  deviceComplianceScheduledActionForRules: z.array(z.unknown()).max(limits.policyListItems.value),
})

function assigningRoutes(app: FastifyInstance, rooms: Rooms, family: Family): void {
  const { callers } = rooms
  const { path } = family

  app.get<Keyed>(`${path}/:id/assignments`, async (request) => {
    await callers.administrator(request)
    const kept = found(await ofFamily(rooms, family), request.params.id)
    return collection(assignmentsOf(kept), request.query, { url: urlOf(request) })
  })

  app.post<Keyed>(`${path}/:id/assign`, async (request) => {
    const { actor } = await callers.administrator(request)
    const { assignments } = assignBody.parse(request.body)
    const changed = await changeOne(rooms, family, { actor, request }, ({ policy }) => {
      const { assignedTo, excluded, targets } = readPolicyRow(
        { '@odata.type': 'iosCompliancePolicy', displayName: policy.name, assignments },
        policy,
      )
      const { targets: _, ...rest } = policy
      return { ...rest, assignedTo, excluded, ...(targets && { targets }) }
    })
    return collection(assignmentsOf(changed), {})
  })

  app.get<Keyed>(`${path}/:id/scheduledActionsForRule`, async (request) => {
    await callers.administrator(request)
    const kept = found(await ofFamily(rooms, family), request.params.id)
    return collection(actionsOf(kept), request.query, {
      expandable: ['scheduledActionConfigurations'],
      url: urlOf(request),
    })
  })

  app.post<Keyed>(`${path}/:id/scheduleActionsForRules`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const { deviceComplianceScheduledActionForRules: rules } = actionsBody.parse(request.body)
    await changeOne(rooms, family, { actor, request }, ({ policy }) => {
      const { gracePeriodHours, actions } = readPolicyRow(
        {
          '@odata.type': 'iosCompliancePolicy',
          displayName: policy.name,
          scheduledActionsForRule: rules,
        },
        policy,
      )
      const { actions: _, ...rest } = policy
      return { ...rest, gracePeriodHours, ...(actions && { actions }) }
    })
    return reply.code(204).send()
  })
}

function statusRoutes(app: FastifyInstance, rooms: Rooms, family: Family): void {
  const { compliance, roster, callers } = rooms
  const { path } = family
  const statusesOf = async (kept: KeptPolicy) =>
    deviceStatusRows(kept, await compliance.verdicts(), byDevice(await roster.rows()))

  app.get<Keyed>(`${path}/:id/deviceStatuses`, async (request) => {
    await callers.administrator(request)
    const kept = found(await ofFamily(rooms, family), request.params.id)
    return collection(await statusesOf(kept), request.query, { url: urlOf(request) })
  })

  app.get<Keyed>(`${path}/:id/userStatuses`, async (request) => {
    await callers.administrator(request)
    const kept = found(await ofFamily(rooms, family), request.params.id)
    const rows = userStatusRows(await statusesOf(kept))
    return collection(rows, request.query, { url: urlOf(request) })
  })

  app.get<Keyed>(`${path}/:id/deviceStatusOverview`, async (request) => {
    await callers.administrator(request)
    const kept = found(await ofFamily(rooms, family), request.params.id)
    return statusOverview(kept, await statusesOf(kept))
  })
}

function byDevice(rows: readonly ManagedDevice[]): ReadonlyMap<string, ManagedDevice> {
  return new Map(
    rows.flatMap((row) => (row.azureADDeviceId === null ? [] : [[row.azureADDeviceId, row]])),
  )
}

const siteBody = z.strictObject({
  settings: z.strictObject({
    '@odata.type': z.string().optional(),
    secureByDefault: z.boolean().optional(),
    deviceComplianceCheckinThresholdDays: z.number().optional(),
  }),
})

function siteRoutes(app: FastifyInstance, { compliance, access, callers }: Rooms): void {
  const settings = async () => {
    const { secureByDefault, checkinThresholdDays } = await compliance.site.current()
    return { secureByDefault, deviceComplianceCheckinThresholdDays: checkinThresholdDays }
  }

  app.get(management, async (request) => {
    await callers.administrator(request)
    return { id: 'deviceManagement', settings: await settings() }
  })

  app.get(`${management}/settings`, async (request) => {
    await callers.administrator(request)
    return await settings()
  })

  app.patch(management, async (request) => {
    const { actor } = await callers.administrator(request)
    const { settings: wanted } = siteBody.parse(request.body)
    const { secureByDefault, deviceComplianceCheckinThresholdDays: days } = wanted
    const change = {
      ...(secureByDefault !== undefined && { secureByDefault }),
      ...(days !== undefined && { checkinThresholdDays: days }),
    }
    const prepare = () => compliance.site.prepare(change, actor)
    await changeGuarded({ access }, prepare, { actor, request })
    return { id: 'deviceManagement', settings: await settings() }
  })

  app.get(`${management}/deviceCompliancePolicyDeviceStateSummary`, async (request) => {
    await callers.administrator(request)
    return stateSummary(await compliance.verdicts())
  })
}

const isNamed = ({ policy }: KeptPolicy, name: string) =>
  policy.name.toLowerCase() === name.toLowerCase()

function found(kept: readonly KeptPolicy[], id: string): KeptPolicy {
  const one = kept.find((each) => each.id === id.toLowerCase())
  if (!one) throw new Failure('not.found', `no compliance policy has the id ${id}`)
  return one
}

/** Who asks for a change, and how. */
interface Asked<R extends FastifyRequest = FastifyRequest> {
  readonly actor: string
  readonly request: R
}

/** Changes the set as it is when the change is made. */
async function change({ compliance, access }: Rooms, asked: Asked, next: NextPolicies) {
  return await changeGuarded({ access }, () => compliance.prepare(next, asked.actor), asked)
}

/** Changes the policy that the request names. */
async function changeOne(
  rooms: Rooms,
  { holds }: Family,
  asked: Asked<FastifyRequest<Keyed>>,
  next: (kept: KeptPolicy) => CompliancePolicy,
): Promise<KeptPolicy> {
  const { id } = asked.request.params
  const after = await change(rooms, asked, (kept) => {
    const old = found(
      kept.filter(({ policy }) => holds(policy)),
      id,
    )
    return kept.map((one) => (one === old ? { id: one.id, policy: next(one) } : one))
  })
  return found(after, id)
}
