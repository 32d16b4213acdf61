import { type Clock, systemClock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { createGateway, type Gateway, type MailServer } from '../../src/gateway/gateway.ts'
import { gatewayMigrations } from '../../src/gateway/migrations.ts'
import type { ProvisionDemand } from '../../src/gateway/refusals.ts'
import { createHttpUpstream, type HttpUpstreamOptions } from '../../src/gateway/http-upstream.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { type FakeUpstream, startFakeUpstream } from './eas-upstream.ts'
import { createFakeMailbox } from './gateway-mailbox.ts'
import {
  createFakeAccess,
  createFakeDevices,
  createFakeGate,
  type FakeDevices,
  type FakeGate,
  fakeIdentity,
} from './gateway-rooms.ts'
import { createPhone, type Phone, type PhoneOptions } from './phone.ts'

export interface RigOptions {
  /** `false`: the built-in mailbox. */
  readonly upstream?: boolean | Partial<HttpUpstreamOptions>
  readonly imap?: MailServer['imap']
  readonly clock?: Clock
  readonly log?: Log
  readonly demand?: ProvisionDemand
}

/** A gateway over a fake upstream, with rooms that do as they are told. */
export interface Rig {
  readonly gateway: Gateway
  readonly url: string
  readonly port: number
  readonly fake: FakeUpstream
  readonly gate: FakeGate
  readonly devices: FakeDevices
  readonly access: ReturnType<typeof createFakeAccess>
  readonly mailbox: ReturnType<typeof createFakeMailbox>
  readonly store: Store
  phone(deviceId: string, options?: Partial<PhoneOptions>): Phone
  stop(): Promise<void>
}

/** Starts a rig on free ports. */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const { clock = systemClock, log = silentLog } = options
  const fake = await startFakeUpstream()
  const store = await openStore({ url: ':memory:', migrations: gatewayMigrations, clock, log })
  const gate = createFakeGate()
  const devices = createFakeDevices()
  const access = createFakeAccess()
  const mailbox = createFakeMailbox()
  const notices = {
    quarantineNotice: async () => ({ from: 'p@corp.test', subject: 's', text: 't', html: 'h' }),
  }
  const given = typeof options.upstream === 'object' ? options.upstream : {}
  const mailServer: MailServer | undefined =
    options.upstream === false
      ? undefined
      : {
          upstream: createHttpUpstream({ url: fake.url, ...given }),
          newest: '16.1',
          ...(options.imap && { imap: options.imap }),
        }
  const gateway = createGateway({
    store,
    rooms: { identity: fakeIdentity, devices, access, gate, mailbox, notices },
    mailServer,
    settings: {
      publicUrl: () => 'https://mail.corp.test',
      ...(options.demand && { demand: options.demand }),
    },
    base: { clock, log },
    web: (_req, res) => void res.writeHead(404).end('web'),
  })
  const { url, port } = await gateway.listen({ host: '127.0.0.1', port: 0 })
  const phones: Phone[] = []
  return {
    gateway,
    url,
    port,
    fake,
    gate,
    devices,
    access,
    mailbox,
    store,
    phone(deviceId, more) {
      const phone = createPhone({ url, deviceId, ...more })
      phones.push(phone)
      return phone
    },
    async stop() {
      await gateway.stop()
      for (const phone of phones) phone.close()
      await store.stop()
      await fake.stop()
    },
  }
}
