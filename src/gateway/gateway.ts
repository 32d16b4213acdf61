import type { Access } from '../access/access.ts'
import type { Gate } from '../access/gate.ts'
import type { Clock } from '../base/clock.ts'
import { assert } from '../base/failures.ts'
import type { Log } from '../base/log.ts'
import type { Devices } from '../devices/devices.ts'
import type { Identity } from '../identity/identity.ts'
import type { Mailbox } from '../mailbox/mailbox.ts'
import type { Notices } from '../notices/notices.ts'
import type { Follower } from '../store/journal.ts'
import type { Store } from '../store/store.ts'
import type { EasVersion } from '../wire/eas/version.ts'
import { createAutodiscover } from './autodiscover.ts'
import { type Clients, createClients } from './clients.ts'
import { createCredentials } from './credentials.ts'
import { createEasDoor } from './eas.ts'
import { createHeldPings } from './held-ping.ts'
import type { ImapAddress } from './imap-client.ts'
import { type Door, type Listening, type ListenOptions, startListener } from './listener.ts'
import { NodeCarried } from './node-carried.ts'
import { createNewMail } from './new-mail.ts'
import { createOffer } from './offer.ts'
import { createPiped } from './piped.ts'
import { createProvisioning } from './provisioning.ts'
import type { ProvisionDemand } from './refusals.ts'
import { createSentLookup } from './sent-lookup.ts'
import { createSentMail } from './sent-mail.ts'
import type { Upstream } from './upstream.ts'

/** What the doors need of the other rooms. */
export interface GatewayRooms {
  readonly identity: Pick<Identity, 'authenticate' | 'remembered'>
  readonly devices: Pick<Devices, 'partner' | 'observe' | 'seen'>
  readonly access: Pick<Access, 'current'>
  readonly gate: Pick<Gate, 'admit' | 'fault'>
  readonly mailbox: Pick<Mailbox, 'own' | 'quarantine' | 'keyOf'>
  readonly notices: Pick<Notices, 'quarantineNotice'>
}

/** The mail server behind; without one the built-in mailbox answers. */
export interface MailServer {
  /** `createHttpUpstream({ url, … })`. Stopped with the gateway. */
  readonly upstream: Upstream
  /** Newest EAS version that it speaks well. */
  readonly newest: EasVersion
  /** IMAP address of the same mailboxes, to notice new mail at once. */
  readonly imap?: ImapAddress | undefined
}

/** What an administrator chose. */
export interface GatewaySettings {
  /** Where phones reach us, for Autodiscover; asked once the listener is open. */
  readonly publicUrl: () => string
  /** A proxy of ours ends TLS in front: its X-Forwarded-For names the client. */
  readonly behindProxy?: boolean
  /** How clients of 14.0 and later are told to provision; default `both`. */
  readonly demand?: ProvisionDemand
}

/** The doors. */
export interface Gateway {
  /** Opens them at one address; may be called for several. */
  listen(where: ListenOptions): Promise<Listening>
  /** Requests under way, held ones included. */
  readonly underWay: number
  /** Says goodbye to held requests, lets the others finish, and closes. */
  stop(): Promise<void>
}

/** Builds the doors over the rooms. `web` answers every path that is no mail door's. */
export function createGateway(parts: {
  store: Store
  rooms: GatewayRooms
  mailServer: MailServer | undefined
  settings: GatewaySettings
  base: { clock: Clock; log: Log }
  web: Door
}): Gateway {
  const { store, rooms, mailServer, settings, web } = parts
  const { clock, log } = parts.base
  const clients = createClients(store)
  const credentials = createCredentials({
    identity: rooms.identity,
    log,
    behindProxy: settings.behindProxy ?? false,
  })
  const provisioning = createProvisioning({
    clients,
    devices: rooms.devices,
    policy: () => rooms.access.current().organization.mailboxPolicy,
    clock,
  })
  const newMail = mailServer && createNewMail({ ...mailServer, imap: mailServer.imap, clock, log })
  const pings = newMail && createHeldPings({ newMail, clock })
  const { devices, mailbox } = rooms
  const lookup = mailServer?.imap && createSentLookup({ imap: mailServer.imap, log })
  const sentMail = createSentMail({ store, lookup, clock })
  const given = { clients, sentMail, provisioning, devices, mailbox, clock, log }
  const piped = mailServer && pings ? createPiped({ ...mailServer, pings, ...given }) : undefined
  const eas = createEasDoor({
    rooms,
    credentials,
    offer: createOffer({
      upstream: mailServer?.upstream,
      newest: mailServer?.newest ?? '16.1',
      clock,
    }),
    provisioning,
    piped,
    demand: settings.demand ?? 'both',
    clock,
    log,
  })
  const { publicUrl } = settings
  const autodiscover = createAutodiscover({ credentials, publicUrl, clock, log })
  const listeners: Listening[] = []
  let follower: Promise<Follower> | undefined
  return {
    async listen(where) {
      follower ??= forgetRemoved(store, clients)
      await follower
      const carry: Door = (req, res) => eas.handle(new NodeCarried(req, res, clock))
      const doors = { eas: carry, lane: eas.handle, autodiscover: autodiscover.handle, web }
      const listening = await startListener(doors, where, clock)
      listeners.push(listening)
      return listening
    },
    get underWay() {
      return eas.count
    },
    async stop() {
      const drained = listeners.map((listening) => listening.drain())
      eas.stop()
      await Promise.all(drained)
      await newMail?.stop()
      await mailServer?.upstream.stop()
      await (await follower)?.stop()
    },
  }
}

/** A client that was removed must not find its policy key again when it comes back. */
function forgetRemoved(store: Store, clients: Clients): Promise<Follower> {
  return store.journal.follow({
    name: 'gateway',
    kinds: ['partnership.removed'],
    durable: true,
    async take({ body }) {
      assert(typeof body === 'object' && body !== null, 'partnership.removed has a body')
      if ('partnership' in body) await clients.forget(String(body.partnership))
    },
  })
}
