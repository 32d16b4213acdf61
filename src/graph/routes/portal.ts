import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Access } from '../../access/access.ts'
import { Failure } from '../../base/failures.ts'
import { isId } from '../../base/id.ts'
import type { Compliance } from '../../compliance/compliance.ts'
import type { DeviceId, Devices, Partnership } from '../../devices/devices.ts'
import type { User } from '../../directory/directory.ts'
import type { Identity } from '../../identity/identity.ts'
import type { Callers } from '../caller.ts'
import { base, confirmBody, type PortalBody, type PortalClient } from '../contract.ts'
import { type Explain, portalClient, type RowSource, type SayReason } from '../rows.ts'
import type { View } from '../view.ts'

interface Rooms {
  readonly access: Access
  readonly devices: Devices
  readonly compliance: Compliance
  readonly identity: Identity
  readonly view: View
  readonly callers: Callers
  readonly explain: Explain
  readonly sayReason: SayReason
}

type Keyed = { Params: { id: string } }

/** A client of the caller's own. */
type Mine = RowSource & { readonly partnership: Partnership }

/** What a user does alone: see the phones that wait, confirm or disown one, check it again. */
export function portalRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { access, compliance, identity, view, callers } = rooms

  // Someone else's phone is "not found": its existence is nobody's business.
  async function mine(user: User, id: string): Promise<Mine> {
    const found = isId('prt', id) ? await view.one(id).catch(orNothing) : undefined
    if (!found?.partnership || found.partnership.user !== user.id)
      throw new Failure('not.found', 'none of your devices has this id')
    return { ...found, partnership: found.partnership }
  }

  async function shown(user: User, id: string, request: FastifyRequest): Promise<PortalClient> {
    const client = told(rooms, await mine(user, id), languagesOf(request, user))
    if (!client) throw new Failure('not.found', 'none of your devices has this id')
    return client
  }

  app.get(`${base}/me/clients`, async (request): Promise<PortalBody> => {
    const { user } = await callers.person(request)
    const sources = await view.ofUser(user)
    const devices = new Map<string, string>()
    for (const { device } of sources)
      if (device?.registration === 'registered') devices.set(device.id, device.name)
    return {
      value: sources
        .map((source) => told(rooms, source, languagesOf(request, user)))
        .filter((client) => client !== undefined)
        .sort((a, b) => b.lastSeen.localeCompare(a.lastSeen)),
      devices: [...devices].map(([id, name]) => ({ id, name })),
    }
  })

  /** Which of my phones the notice's link is about; the link proves nothing and is read without using it up. */
  app.get<{ Params: { token: string } }>(`${base}/me/links/:token`, async (request) => {
    const { user } = await callers.person(request)
    const id = await identity.redeemLink('portal', request.params.token, true)
    if (id === undefined) throw new Failure('not.found', 'this link has expired')
    return { id: (await mine(user, id)).partnership.id }
  })

  app.post<Keyed>(`${base}/me/clients/:id/confirm`, async (request) => {
    const { user } = await callers.person(request)
    const { name, device } = confirmBody.parse(request.body ?? {})
    const found = await mine(user, request.params.id)
    if (!found.device) await bind(rooms, user, found.partnership, { name, device })
    return shown(user, found.partnership.id, request)
  })

  app.post<Keyed>(`${base}/me/clients/:id/disown`, async (request) => {
    const { user } = await callers.person(request)
    const { partnership, device } = await mine(user, request.params.id)
    if (device)
      throw new Failure('permission.denied', 'you confirmed this device as yours; ask to retire it')
    await access.judgePersonally(partnership.id, 'block', user.name)
    return shown(user, partnership.id, request)
  })

  app.post<Keyed>(`${base}/me/clients/:id/check`, async (request) => {
    const { user } = await callers.person(request)
    const { device } = await mine(user, request.params.id)
    if (device) await compliance.check(device.id)
    return shown(user, request.params.id, request)
  })
}

/** A client in the words of whoever asks. */
function told(
  { explain, sayReason }: Rooms,
  source: RowSource,
  wanted: string,
): PortalClient | undefined {
  return portalClient(
    source,
    (finding) => explain(finding, wanted),
    (code) => sayReason(code, wanted),
  )
}

/** What somebody is known to like to read comes before what the browser is set to. */
function languagesOf({ headers }: FastifyRequest, { preferredLanguage }: User): string {
  const asked = headers['accept-language'] ?? ''
  return preferredLanguage === undefined ? asked : `${preferredLanguage},${asked}`
}

function orNothing(thrown: unknown): undefined {
  if (thrown instanceof Failure && thrown.code === 'not.found') return undefined
  throw thrown
}

/** Binds the client to the user's device: to one that is registered already, or to a new one. */
async function bind(
  { devices, compliance }: Rooms,
  user: User,
  partnership: Partnership,
  chosen: { name: string | undefined; device: string | undefined },
): Promise<void> {
  if (chosen.device !== undefined) {
    const id = await ownDevice(devices, user, chosen.device)
    await devices.activate(partnership.id, id)
    await compliance.check(id)
    return
  }
  const { facts, eas } = partnership
  const fallback = `${user.name}_${facts.friendlyName?.value ?? eas.deviceType}`.slice(0, 64)
  const id = await devices.enroll({
    owner: user.id,
    name: chosen.name ?? fallback,
    channel: 'portal',
    facts: partnership.facts,
  })
  try {
    // Judged before it is bound: for as long as nobody knows its health, its user would be told that it has none.
    await compliance.check(id)
    await devices.activate(partnership.id, id)
  } catch (thrown) {
    await devices.retire(id) // nothing would ever be bound to it
    throw thrown
  }
  await compliance.check(id)
}

/** Only devices of one's own may be chosen; of others nothing is said, not even that they exist. */
async function ownDevice(devices: Devices, user: User, id: string): Promise<DeviceId> {
  const device = isId('dev', id) ? await devices.find(id) : undefined
  if (!device || device.owner !== user.id || device.registration !== 'registered')
    throw new Failure('not.found', 'none of your devices has this id')
  return device.id
}
