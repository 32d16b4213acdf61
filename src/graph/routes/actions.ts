import type { FastifyInstance } from 'fastify'
import type { ActionEntry, Actions } from '../../actions/actions.ts'
import type { Instant } from '../../base/clock.ts'
import type { Devices } from '../../devices/devices.ts'
import type { Directory } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { collection } from '../collection.ts'
import { type ActionRow } from '../actions-contract.ts'
import { base } from '../contract.ts'

interface Rooms {
  readonly actions: Actions
  readonly devices: Devices
  readonly directory: Directory
  readonly callers: Callers
}

type Keyed = { Params: { id: string } }

const path = `${base}/postern/actions`

/** What is due for whom when, and the word of a person to what waits for it. */
export function actionRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { actions, callers } = rooms

  app.get(path, async (request) => {
    await callers.administrator(request)
    return collection(await rowsOf(rooms, await actions.list()), request.query)
  })

  for (const word of ['confirm', 'dismiss'] as const)
    app.post<Keyed>(`${path}/:id/${word}`, async (request) => {
      const { actor } = await callers.administrator(request)
      const [row] = await rowsOf(rooms, [await actions[word](request.params.id, actor)])
      return row
    })

  app.post<Keyed>(`${path}/:id/retry`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    await actions.retry(request.params.id, actor)
    return reply.code(204).send()
  })
}

async function rowsOf(
  { devices, directory }: Rooms,
  entries: readonly ActionEntry[],
): Promise<readonly ActionRow[]> {
  const { users } = await directory.everybody()
  const owners = new Map(users.map((user) => [user.id, user]))
  const names = new Map<string, { deviceName: string; userPrincipalName: string }>()
  for (const { device: id } of entries) {
    if (names.has(id)) continue
    const device = await devices.find(id)
    const owner = device && owners.get(device.owner)
    names.set(id, { deviceName: device?.name ?? '', userPrincipalName: owner?.name ?? '' })
  }
  return entries.map((entry) => ({
    id: entry.id ?? null,
    actionType: entry.type,
    state: entry.state,
    reason: entry.code ?? '',
    dueDateTime: new Date(entry.dueAt).toISOString(),
    firedDateTime: time(entry.firedAt),
    changedDateTime: time(entry.changedAt),
    deviceId: entry.device,
    deviceName: '',
    userPrincipalName: '',
    ...names.get(entry.device),
    policyId: entry.policy,
    policyName: entry.policyName,
    actor: entry.actor ?? '',
  }))
}

const time = (at: Instant | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString()
