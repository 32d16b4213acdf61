import type { FastifyInstance } from 'fastify'
import { Failure } from '../../base/failures.ts'
import type { Compliance } from '../../compliance/compliance.ts'
import type { Devices } from '../../devices/devices.ts'
import type { User } from '../../directory/directory.ts'
import type { Identity } from '../../identity/identity.ts'
import type { Callers } from '../caller.ts'
import { base, confirmBody, type PortalClient } from '../contract.ts'
import { type Explain, portalClient, type RowSource } from '../rows.ts'
import type { View } from '../view.ts'

interface Rooms {
  readonly devices: Devices
  readonly compliance: Compliance
  readonly identity: Identity
  readonly view: View
  readonly callers: Callers
  readonly explain: Explain
}

type Keyed = { Params: { id: string } }

/** What a user does alone: see the phones that wait, confirm one as theirs, check it again. */
export function portalRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { devices, compliance, identity, view, callers, explain } = rooms

  // Someone else's phone is "not found": its existence is nobody's business.
  async function mine(
    user: User,
    id: string,
  ): Promise<RowSource & { partnership: NonNullable<RowSource['partnership']> }> {
    const found = (await view.all(user.id)).find(({ partnership }) => partnership?.id === id)
    if (!found?.partnership) throw new Failure('not.found', 'none of your devices has this id')
    return { ...found, partnership: found.partnership }
  }

  async function shown(user: User, id: string): Promise<PortalClient> {
    const client = portalClient(await mine(user, id), explain)
    if (!client) throw new Failure('not.found', 'none of your devices has this id')
    return client
  }

  app.get(`${base}/me/clients`, async (request) => {
    const { user } = await callers.person(request)
    const clients = (await view.all(user.id))
      .map((source) => portalClient(source, explain))
      .filter((client) => client !== undefined)
      .sort((a, b) => b.lastSeen.localeCompare(a.lastSeen))
    return { value: clients }
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
    const { name } = confirmBody.parse(request.body ?? {})
    const { partnership, device } = await mine(user, request.params.id)
    if (!device) {
      const model = partnership.facts.friendlyName ?? partnership.facts.model
      const id = await devices.enroll({
        owner: user.id,
        name: name ?? `${user.name}_${model?.value ?? partnership.eas.deviceType}`.slice(0, 64),
        channel: 'portal',
        facts: partnership.facts,
      })
      try {
        await devices.activate(partnership.id, id)
      } catch (thrown) {
        await devices.retire(id) // nothing would ever be bound to it
        throw thrown
      }
      await compliance.check(id)
    }
    return shown(user, partnership.id)
  })

  app.post<Keyed>(`${base}/me/clients/:id/check`, async (request) => {
    const { user } = await callers.person(request)
    const { device } = await mine(user, request.params.id)
    if (device) await compliance.check(device.id)
    return shown(user, request.params.id)
  })
}
