import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { PingFolder } from '../wire/eas/ping.ts'
import type { EasRequest } from '../wire/eas/request.ts'
import { createInboxLookup } from './inbox-lookup.ts'
import type { ImapAddress } from './imap-client.ts'
import { createInboxWatches } from './inbox-watch.ts'
import type { Upstream } from './upstream.ts'
import { createUpstreamPings } from './upstream-pings.ts'

/** A held Ping, as seen by those who look for new mail on its behalf. */
export interface Waiting {
  readonly partnership: PartnershipId
  /** The authenticated user's name. */
  readonly user: string
  readonly authorization: Secret
  readonly request: EasRequest
  readonly folders: readonly PingFolder[]
  /** ServerId of the Inbox at the upstream; '' while unknown. */
  readonly inbox: string
  /** Whether the client began a Sync of its Inbox at this moment of `NewMail.moment`, or never since we know. */
  readonly syncedAt: number | undefined
  readonly ended: boolean
  /** These folders have something new: the Ping ends with Status 2. */
  changed(folders: readonly string[]): void
  /** The upstream wants the client to read its folders again: Status 7. */
  hierarchyChanged(): void
}

/** Notices new mail for held Pings, without holding a worker of the mail server for each of them. */
export interface NewMail {
  watch(waiting: Waiting): void
  leave(waiting: Waiting): void
  /** The Inbox of this user at the upstream, where we had to ask for it; '' while unknown. */
  inboxOf(user: string): string
  /** A number that grows with every change seen: two equal ones mean that nothing happened in between. */
  moment(): number
  stop(): Promise<void>
}

interface Parts {
  readonly upstream: Upstream
  readonly imap: ImapAddress | undefined
  readonly clock: Clock
  readonly log: Log
}

/**
 * With an IMAP address one IDLE per user tells of the Inbox, and short Pings to the upstream tell of other folders, seldom.
 * Without one, or while it is down, short Pings tell of everything.
 */
export function createNewMail({ upstream, imap, clock, log }: Parts): NewMail {
  const pings = createUpstreamPings({ upstream, clock, log })
  const watches = imap && createInboxWatches({ imap, clock, log })
  const lookup = createInboxLookup({ upstream, log })
  return {
    watch(waiting) {
      if (!watches) return pings.rotate(waiting)
      const join = (inbox: string) =>
        watches.join(waiting, {
          ready: () => pings.rest(waiting, watchesMore(waiting, inbox)),
          unsure: () => pings.confirm(waiting),
          changed: () => (inbox ? waiting.changed([inbox]) : pings.confirm(waiting)),
          lost: () => pings.rotate(waiting),
        })
      if (waiting.inbox) return join(watched(waiting, waiting.inbox))
      void lookup.find(waiting).then((inbox) => {
        if (!waiting.ended) join(watched(waiting, inbox))
      })
    },
    inboxOf: (user) => lookup.known(user),
    leave(waiting) {
      pings.drop(waiting)
      watches?.leave(waiting)
    },
    moment: () => watches?.moment() ?? 0,
    async stop() {
      pings.stop()
      await watches?.stop()
    },
  }
}

/** The Inbox, if it is waited for. An id that the client does not name is another device's, and means nothing to it. */
function watched(waiting: Waiting, inbox: string): string {
  return waiting.folders.some((folder) => folder.id === inbox) ? inbox : ''
}

/** More than the Inbox is waited for, or it is not known which folder that is. */
function watchesMore(waiting: Waiting, inbox: string): boolean {
  return waiting.folders.some((folder) => folder.id !== inbox)
}
