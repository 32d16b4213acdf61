import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Directory, UserId } from '../directory/directory.ts'
import type { Store } from '../store/store.ts'
import { createDelivery } from './delivery.ts'
import type * as answers from './eas/answer.ts'
import { type Commands, refuseWith } from './eas/answer.ts'
import { createCompose } from './eas/compose.ts'
import { createEstimate } from './eas/estimate.ts'
import { createFolderSync } from './eas/folders.ts'
import { createHolds } from './eas/holds.ts'
import { createGetAttachment, createItemOperations } from './eas/items.ts'
import { createMoveItems } from './eas/move.ts'
import { createPing } from './eas/ping.ts'
import { createQueue } from './eas/queue.ts'
import { createFind, createSearch } from './eas/search.ts'
import { createSettings } from './eas/settings.ts'
import { createSync } from './eas/sync.ts'
import type * as views from './eas/view.ts'
import { createView } from './eas/view.ts'
import { readSyncKey } from './keys.ts'
import type * as notices from './notice-mail.ts'
import type * as outgoing from './outgoing.ts'
import { createOwn, dropItems, type MailboxChanged } from './own.ts'
import type * as quarantined from './quarantine.ts'
import { createQuarantine } from './quarantine.ts'
import { listFolder } from './records.ts'
import { forgetClient } from './state/records.ts'

// The words of this front, defined where they are made.
export type Awaiting = answers.Awaiting
export type EasAnswer = answers.EasAnswer
export type Ended = answers.Ended
export type HeldAnswer = answers.HeldAnswer
export type MailView = views.MailView
export type NoticeText = notices.NoticeText
export type OutgoingMessage = outgoing.OutgoingMessage
export type QuarantineNotice = quarantined.QuarantineNotice

/** The mini EAS server: the built-in mailbox, and the quarantine mailbox that holds one notice. */
export interface Mailbox {
  /** The user's built-in mailbox, from our own store. */
  own(user: UserId, partnership: PartnershipId): MailView
  /** An Inbox with exactly one notice and nothing else; uploads, SendMail and reads of anything else are refused (130, HTTP 403 up to 12.1). */
  quarantine(partnership: PartnershipId, notice: QuarantineNotice): MailView
  /** Whose sync key this is; `undefined`: not made here, so it belongs to an upstream. */
  keyOf(syncKey: string): 'own' | 'quarantine' | undefined
  /** Stores an RFC 5322 message in the user's Inbox, durably, before it resolves; held Pings of the user wake. */
  deliver(user: UserId, message: Uint8Array): Promise<void>
  /** Ends every held request with "nothing new", and hears no more news. */
  stop(): Promise<void>
}

interface Deps {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly directory: Pick<Directory, 'find' | 'user' | 'everybody'>
  /** Takes mail for people without a built-in mailbox; without it they are unknown. */
  readonly relay?: (message: OutgoingMessage) => Promise<void>
}

/** Opens the mailboxes of a site. */
export async function createMailbox(deps: Deps): Promise<Mailbox> {
  const { store, clock } = deps
  const holds = createHolds(clock)
  const queue = createQueue()
  const looking = {
    FolderSync: createFolderSync(store),
    Sync: createSync({ store, clock, holds, queue }),
    Ping: createPing({ store, clock, holds }),
    GetItemEstimate: createEstimate({ store, clock }),
  }
  const withheld: Commands = {
    served: {
      ...looking,
      Settings: createSettings(async () => undefined),
      ItemOperations: createItemOperations(undefined),
    },
    otherwise: refuseWith(130),
  }
  const followers = await follow(store, (news) => {
    holds.wake(news.user, news.folder, news.arrived)
  })

  return {
    own(user, partnership) {
      const content = () => createOwn(store, user)
      const commands = { served: { ...looking, ...ownCommands(deps, user) }, otherwise: lacking }
      return createView({ partnership, source: 'own', content, commands, queue })
    },
    quarantine(partnership, notice) {
      const content = () => createQuarantine(store.db, partnership, notice, clock.now())
      return createView({
        partnership,
        source: 'quarantine',
        content,
        commands: withheld,
        queue,
      })
    },
    keyOf: (syncKey) => readSyncKey(syncKey)?.source,
    deliver: createDelivery({ store, clock }),
    async stop() {
      holds.stop()
      await Promise.all(followers.map((follower) => follower.stop()))
    },
  }
}

const lacking = refuseWith(137)

/** What the owner of a built-in mailbox may do, and a client in quarantine may not. */
function ownCommands(deps: Deps, user: UserId): Commands['served'] {
  const { store, directory } = deps
  const compose = createCompose({ ...deps, user })
  return {
    Settings: createSettings(() => directory.user(user)),
    ItemOperations: createItemOperations(emptyFolder(store, user)),
    GetAttachment: createGetAttachment(),
    MoveItems: createMoveItems(store, user),
    Search: createSearch({ store, user, directory }),
    Find: createFind({ store, user, directory }),
    SendMail: compose,
    SmartReply: compose,
    SmartForward: compose,
  }
}

const emptyFolder = (store: Store, user: UserId) => async (folder: { collection: string }) => {
  await store.transact(async (tx) => {
    const items = await listFolder(tx, user, folder.collection)
    await dropItems(
      store,
      tx,
      user,
      folder,
      items.map((item) => item.item),
    )
  })
}

// News of a mailbox wakes the requests that this node holds; what is known of a removed client is deleted, once.
async function follow(store: Store, wake: (news: MailboxChanged) => void) {
  const waking = await store.journal.follow({
    name: 'mailbox.wake',
    kinds: ['mailbox.changed'],
    durable: false,
    // Written by `own.ts` alone.
    take: async (entry) => wake(entry.body as MailboxChanged),
  })
  const forgetting = await store.journal.follow({
    name: 'mailbox.forget',
    kinds: ['partnership.removed'],
    durable: true,
    async take(entry) {
      // Written by `devices/`, as its front says.
      const { partnership } = entry.body as { partnership: PartnershipId }
      await store.transact((tx) => forgetClient(tx, partnership))
    },
  })
  return [waking, forgetting]
}
