import type { FastifyInstance, FastifyReply } from 'fastify'
import { Failure } from '../../base/failures.ts'
import { isId } from '../../base/id.ts'
import type { Device, Devices } from '../../devices/devices.ts'
import type { Directory, User } from '../../directory/directory.ts'
import type { HandedOut, Recipient } from '../../profiles/handed-out.ts'
import type { Profiles } from '../../profiles/profiles.ts'
import { type HandedOutRow, type PayloadBody, recipientBody } from '../actions-contract.ts'
import type { Callers } from '../caller.ts'
import { collection, urlOf } from '../collection.ts'
import { base, type MyMailProfiles } from '../contract.ts'

interface Rooms {
  readonly profiles: Profiles
  readonly directory: Directory
  readonly devices: Devices
  readonly callers: Callers
}

const path = `${base}/postern/profiles`
const mine = `${base}/me/mail-profiles`
const mediaType = 'application/x-apple-aspen-config'

interface Keyed {
  readonly identifier: string
  readonly place: string
}

/** Configuration profiles for Apple devices: made, noted, and to be removed when their mail profile is gone. */
export function profilePayloadRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { profiles, callers } = rooms

  app.post<{ Params: { id: string } }>(`${path}/:id/payload`, async (request) => {
    const { actor } = await callers.administrator(request)
    const recipient = await recipientOf(rooms, recipientBody.parse(request.body))
    return (await profiles.handOut(request.params.id, recipient, actor)) satisfies PayloadBody
  })

  app.get(`${path}/handed-out`, async (request) => {
    await callers.administrator(request)
    return collection(await handedOutRows(rooms), request.query, { url: urlOf(request) })
  })

  app.delete<{ Params: Keyed }>(`${path}/handed-out/:identifier/:place`, async (request, reply) => {
    await callers.administrator(request)
    await profiles.takenBack(request.params.identifier, request.params.place)
    return reply.code(204).send()
  })

  app.get(mine, async (request): Promise<MyMailProfiles> => {
    const { user } = await callers.person(request)
    const value = await profiles.appleOf(user.id)
    return {
      value: value.map(({ id, displayName, description }) => ({ id, displayName, description })),
      remove: (await toRemove(rooms, user)).map(({ identifier, place, displayName }) => {
        return { identifier, place, displayName }
      }),
    }
  })

  app.delete<{ Params: Keyed }>(`${mine}/:identifier/:place`, async (request, reply) => {
    const { user } = await callers.person(request)
    const { identifier, place } = request.params
    const rows = await toRemove(rooms, user)
    if (!rows.some((row) => row.identifier === identifier && row.place === place))
      throw new Failure('not.found', 'nothing of this name is to be removed')
    await profiles.takenBack(identifier, place)
    return reply.code(204).send()
  })

  // A plain link, so that the phone's own browser asks whether to install it. Reading it changes nothing of anybody else.
  app.get<{ Params: { id: string } }>(`${mine}/:id/payload`, async (request, reply) => {
    const { user } = await callers.person(request)
    const { content } = await profiles.handOut(request.params.id, { user: user.id }, user.name)
    return download(reply, content)
  })
}

const download = (reply: FastifyReply, content: string) =>
  reply
    .type(mediaType)
    .header('content-disposition', 'attachment; filename="mail.mobileconfig"')
    .header('cache-control', 'no-store')
    .send(content)

async function recipientOf(
  { directory, devices }: Rooms,
  wanted: { readonly user?: string | undefined; readonly device?: string | undefined },
): Promise<Recipient> {
  if (wanted.device !== undefined) {
    const device = await deviceOf(devices, wanted.device)
    if (!device || device.retiredAt !== undefined)
      throw new Failure('not.found', `no device ${wanted.device} is enrolled`)
    return { user: device.owner, device: device.id }
  }
  const key = wanted.user ?? ''
  const user: User | undefined =
    (isId('usr', key) ? await directory.user(key) : undefined) ?? (await directory.find(key))
  if (!user) throw new Failure('not.found', `no user ${JSON.stringify(key)}`)
  return { user: user.id }
}

/** By id of the device, or of its client as lists of devices name it. */
async function deviceOf(devices: Devices, id: string): Promise<Device | undefined> {
  if (isId('dev', id)) return await devices.find(id)
  const client = isId('prt', id) ? await devices.find(id) : undefined
  return client?.device && (await devices.find(client.device))
}

/** What this user is to remove from their devices. */
async function toRemove(rooms: Rooms, { name }: User): Promise<readonly HandedOutRow[]> {
  const rows = await handedOutRows(rooms)
  return rows.filter(
    ({ userPrincipalName, state }) => userPrincipalName === name && state === 'remove',
  )
}

async function handedOutRows(rooms: Rooms): Promise<readonly HandedOutRow[]> {
  const { profiles, directory, devices } = rooms
  const { users } = await directory.everybody()
  const names = new Map(users.map(({ id, name }) => [id, name]))
  const rows: HandedOutRow[] = []
  for (const note of await profiles.handedOut())
    rows.push({
      identifier: note.identifier,
      place: note.device ?? note.user,
      displayName: note.displayName,
      userPrincipalName: names.get(note.user) ?? note.user,
      deviceId: note.device ?? null,
      handedOutDateTime: new Date(note.at).toISOString(),
      actor: note.actor,
      state: (await isGone(devices, note)) ? 'remove' : note.state,
    })
  return rows
}

/** Whoever is no longer enrolled is not to keep the account either. */
async function isGone(devices: Devices, { device: id = '' }: HandedOut): Promise<boolean> {
  if (!isId('dev', id)) return false
  const device = await devices.find(id)
  return !device || device.retiredAt !== undefined
}
