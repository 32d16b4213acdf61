import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Access } from '../../access/access.ts'
import type { Gate } from '../../access/gate.ts'
import type { Clock } from '../../base/clock.ts'
import { Failure } from '../../base/failures.ts'
import type { PartnershipId, Devices } from '../../devices/devices.ts'
import type { Directory, UserId } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { collection, urlOf } from '../collection.ts'
import { base, type ExplanationBody, type LogRow } from '../contract.ts'
import type { Roster } from '../roster.ts'
import { type Explain, managedDevice, type RowSource, type SayReason } from '../rows.ts'
import type { View } from '../view.ts'

interface Rooms {
  readonly directory: Directory
  readonly devices: Devices
  readonly access: Access
  readonly gate: Gate
  readonly view: View
  readonly callers: Callers
  readonly clock: Clock
  readonly explain: Explain
  readonly sayReason: SayReason
  readonly roster: Roster
}

const path = `${base}/deviceManagement/managedDevices`

type Keyed = { Params: { id: string } }

const words = { allowAccess: 'allow', blockAccess: 'block', resetAccess: 'none' } as const

/** Devices as the administrator sees them: list, allow, block, retire, explain, log. */
export function deviceRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { devices, access, view, roster, callers, explain } = rooms

  app.get(path, async (request) => {
    await callers.administrator(request)
    return collection(await roster.rows(), request.query, { url: urlOf(request) })
  })

  app.get<Keyed>(`${path}/:id`, async (request) => {
    await callers.administrator(request)
    return managedDevice(await view.one(request.params.id), explain)
  })

  for (const [action, word] of Object.entries(words)) {
    app.post<Keyed>(`${path}/:id/${action}`, async (request) => {
      const { actor } = await callers.administrator(request)
      const { id } = partnershipOf(await view.one(request.params.id))
      await access.judgePersonally(id, word, actor)
      return managedDevice(await view.one(id), explain)
    })
  }

  app.post<Keyed>(`${path}/:id/retire`, async (request) => {
    await callers.administrator(request)
    const { device } = await view.one(request.params.id)
    if (!device)
      throw new Failure('not.found', 'this client is not enrolled: there is nothing to retire')
    await devices.retire(device.id)
    return managedDevice(await view.one(request.params.id), explain)
  })

  app.delete<Keyed>(`${path}/:id`, async (request, reply) => {
    await callers.administrator(request)
    await devices.forget(partnershipOf(await view.one(request.params.id)).id)
    return reply.code(204).send()
  })

  app.get<Keyed>(`${path}/:id/explain`, async (request): Promise<ExplanationBody> => {
    await callers.administrator(request)
    return explanation(rooms, partnershipOf(await view.one(request.params.id)))
  })

  app.get(`${base}/postern/log`, async (request) => {
    await callers.administrator(request)
    return { value: await logRows(rooms, request.query) }
  })
}

function partnershipOf({ partnership }: RowSource) {
  if (!partnership) throw new Failure('not.found', 'this device never came over EAS')
  return partnership
}

async function explanation(
  { gate, clock, sayReason }: Rooms,
  partnership: ReturnType<typeof partnershipOf>,
): Promise<ExplanationBody> {
  const request = { user: partnership.user, protocol: 'eas' as const, partnership: partnership.id }
  const { decision, steps } = await gate.explain(request, clock.now())
  return {
    outcome: decision.outcome,
    judged: decision.judged,
    enforced: decision.enforced,
    state: decision.state,
    stateReason: decision.stateReason,
    recheckAt: decision.recheckAt === undefined ? null : new Date(decision.recheckAt).toISOString(),
    reasons: decision.reasons.map(({ code, policy, measured, required }) => ({
      code,
      title: sayReason(code).title,
      whatToDo: sayReason(code).whatToDo,
      ...(policy !== undefined && { policy }),
      ...(measured !== undefined && { measured: String(measured) }),
      ...(required !== undefined && { required: String(required) }),
    })),
    steps,
  }
}

const logQuery = z.object({
  device: z.string().max(64).optional(),
  before: z.coerce.number().int().optional(),
  $top: z.coerce.number().int().min(1).max(1000).default(100),
})

async function logRows(rooms: Rooms, query: unknown): Promise<LogRow[]> {
  const { access, view } = rooms
  const { device, before, $top } = logQuery.parse(query)
  const only = device === undefined ? undefined : partnershipOf(await view.one(device)).id
  const entries = await access.log({
    limit: $top,
    ...(only !== undefined && { partnership: only }),
    ...(before !== undefined && { before }),
  })
  const names = await namesOf(rooms, new Set(entries.map(({ partnership }) => partnership)))
  return entries.map((entry) => ({
    seq: entry.seq,
    at: new Date(entry.decidedAt).toISOString(),
    device: names.get(entry.partnership)?.device ?? entry.partnership,
    user: names.get(entry.partnership)?.user ?? '',
    outcome: entry.outcome,
    was: entry.was ?? null,
    judged: entry.judged,
    enforced: entry.enforced,
    stateReason: entry.stateReason,
    reasons: entry.reasons.map((reason) => reason.code),
    path: entry.path,
  }))
}

/** EAS DeviceId and user name of the clients that are still there. */
async function namesOf(
  { devices, directory }: Rooms,
  ids: ReadonlySet<PartnershipId>,
): Promise<ReadonlyMap<PartnershipId, { device: string; user: string }>> {
  const names = new Map<PartnershipId, { device: string; user: string }>()
  const users = new Map<UserId, string>()
  for (const id of ids) {
    const partnership = await devices.find(id)
    if (!partnership) continue
    const { user } = partnership
    const name = users.get(user) ?? (await directory.user(user))?.name ?? ''
    users.set(user, name)
    names.set(id, { device: partnership.eas.deviceId, user: name })
  }
  return names
}
