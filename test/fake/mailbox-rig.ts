import { type Clock, createManualClock, type ManualClock } from '../../src/base/clock.ts'
import { newId } from '../../src/base/id.ts'
import { silentLog } from '../../src/base/log.ts'
import type { PartnershipId } from '../../src/devices/devices.ts'
import type { Directory, User } from '../../src/directory/directory.ts'
import {
  createMailbox,
  type Mailbox,
  type MailView,
  type NoticeText,
  type OutgoingMessage,
} from '../../src/mailbox/mailbox.ts'
import { mailboxMigrations } from '../../src/mailbox/migrations.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import type { EasVersion } from '../../src/wire/eas/version.ts'
import { EasClient } from '../../src/phone/phone.ts'
import type { Transport } from '../../src/phone/transport.ts'
import { viewTransport } from './view-transport.ts'

export const monday = Date.UTC(2026, 9, 5, 7, 0, 0)

/** A store with two people and their mailboxes, in memory unless a file is named; time stands until told. */
export interface MailboxRig {
  readonly store: Store
  readonly clock: ManualClock
  readonly mailbox: Mailbox
  readonly alice: User
  readonly bob: User
  /** What went to the outside. */
  readonly relayed: OutgoingMessage[]
  /** A client of the built-in mailbox. */
  own(options: { user?: User; version?: EasVersion; partnership?: PartnershipId }): RigClient
  /** A client in quarantine. */
  quarantine(options: {
    version?: EasVersion
    partnership?: PartnershipId
    notice?: () => NoticeText
    /** Why it is in quarantine. */
    about?: () => string
  }): RigClient
  partnership(): PartnershipId
  /** One more person, with an empty mailbox. */
  person(name?: string): User
  stop(): Promise<void>
}

export interface RigClient {
  readonly client: EasClient
  readonly partnership: PartnershipId
  readonly transport: Transport
  /** Takes the view away from the client. */
  readonly end: () => void
}

export const notice: NoticeText = {
  from: 'Postern <postern@corp.test>',
  to: 'alice@corp.test',
  subject: 'Action needed: enroll your phone',
  text: 'Your phone is not known yet.\nGet started: https://portal.corp.test/start\n',
  html: '<p>Your phone is not known yet.</p><a href="https://portal.corp.test/start">Get started</a>',
}

/** Makes a plain message; lines become CRLF. */
export function mail(subject: string, body = 'hello', headers: readonly string[] = []): Uint8Array {
  const lines = [
    'From: "Bob B" <bob@corp.test>',
    'To: alice@corp.test',
    `Subject: ${subject}`,
    'Date: Mon, 05 Oct 2026 07:00:00 +0000',
    `Message-ID: <${subject.replace(/\W/g, '')}@corp.test>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    ...headers,
    '',
    body,
  ]
  return Buffer.from(lines.join('\r\n'))
}

function person(name: string): User {
  return {
    id: newId('usr', monday),
    name,
    displayName: `${name[0]?.toUpperCase()}${name.slice(1)} Example`,
    mail: `${name}@corp.test`,
    enabled: true,
    role: 'user',
  }
}

/** Lets everything go on that can go on without time. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

export async function openMailboxRig(
  options: {
    url?: string
    relay?: boolean | (() => Promise<void>)
    clock?: Clock
    users?: readonly User[]
  } = {},
): Promise<MailboxRig> {
  const clock = createManualClock(monday)
  const time = options.clock ?? clock
  const store = await openStore({
    url: options.url ?? ':memory:',
    migrations: mailboxMigrations,
    clock: time,
    log: silentLog,
  })
  const [alice = person('alice'), bob = person('bob')] = options.users ?? []
  const users = [alice, bob]
  const directory: Pick<Directory, 'find' | 'user' | 'everybody'> = {
    find: async (wanted) =>
      users.find(({ name, mail }) => [name, mail].includes(wanted.toLowerCase())),
    user: async (id) => users.find((user) => user.id === id),
    everybody: async () => ({ users, groups: [] }),
  }
  const relayed: OutgoingMessage[] = []
  const { relay } = options
  const mailbox = await createMailbox({
    store,
    clock: time,
    log: silentLog,
    directory,
    ...(relay && {
      relay: async (message: OutgoingMessage) => {
        if (relay !== true) await relay()
        relayed.push(message)
      },
    }),
  })
  const partnership = () => newId('prt', time.now())
  return {
    store,
    clock,
    mailbox,
    alice,
    bob,
    relayed,
    own: ({ user = alice, version = '14.1', partnership: of = partnership() }) =>
      clientOf((prt) => mailbox.own(user.id, prt), version, of),
    quarantine: ({
      version = '14.1',
      partnership: of = partnership(),
      notice: text = () => notice,
      about = () => 'notEnrolled',
    }) => clientOf((prt) => withheld(mailbox, prt, { text, about }), version, of),
    partnership,
    person(name = `user${users.length}`) {
      const added = person(name)
      users.push(added)
      return added
    },
    async stop() {
      await mailbox.stop()
      await store.stop()
    },
  }
}

/** Views of one request each, as the door makes them. */
function withheld(
  mailbox: Mailbox,
  partnership: PartnershipId,
  { text, about }: { text: () => NoticeText; about: () => string },
): MailView {
  const notice = () => ({ about: about(), compose: async () => text() })
  return {
    answer: (request, body, ended) =>
      mailbox.quarantine(partnership, notice()).answer(request, body, ended),
  }
}

function clientOf(
  view: (of: PartnershipId) => ReturnType<Mailbox['own']>,
  version: EasVersion,
  of: PartnershipId,
): RigClient {
  const ended = new AbortController()
  const transport = viewTransport(view(of), ended.signal)
  const client = new EasClient({ transport, version })
  return { client, partnership: of, transport, end: () => ended.abort() }
}
