import type { AccessStateReason, Outcome } from '../access/decision.ts'
import type { Clock, Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { limits } from '../base/limits.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Store, Tx } from '../store/store.ts'
import type { Cause } from './compose.ts'
import type { CauseRow, MailRow } from './migrations.ts'
import type { News } from './news.ts'
import type { NoticesGiven } from './notices.ts'
import type { Outbox } from './outbox.ts'
import { endCauses, forgetClient, readCause, saveCause } from './records.ts'

/** Why clients are held up, what was told of it, and the link that was given with it. */
export interface Causes {
  /** Notes the news, and queues mails where something new is to be told. */
  take(news: News, outbox: Pick<Outbox, 'queue'>): Promise<void>
  /** The cause of a queued mail; `undefined` once it is over. */
  open(partnership: string, name: string): Promise<Cause | undefined>
  /** Since when the client is held up for this cause. */
  since(partnership: PartnershipId, cause: Cause): Promise<Instant>
  /** The portal link for this cause, made once and then the same until half of its life is over. */
  link(partnership: PartnershipId, cause: Cause): Promise<string>
}

type Given = Pick<NoticesGiven, 'store' | 'clock' | 'describe' | 'portalLink' | 'administrators'>

/**
 * A cause is told once. It is over when the client is let in, and is told again only when it comes back after a quiet
 * time: a phone that falls in and out within a day fills no mailbox, and its notice shows on the phone all the same.
 */
export function createCauses(given: Given): Causes {
  const { store, clock } = given
  return {
    take: (news, outbox) => take(given, news, outbox),
    async open(partnership, name) {
      const row = await readCause(store.db, partnership, name)
      return row && row.endedAt === null ? causeOf(row) : undefined
    },
    since: async (partnership, cause) => (await ensure(store, clock, partnership, cause)).since,
    async link(partnership, cause) {
      const row = await ensure(store, clock, partnership, cause)
      if (isFresh(row, clock.now())) return row.link
      const link = await given.portalLink(partnership)
      return store.transact(async (tx) => {
        // Two may have asked at once: the first link kept is the one, the other is never shown.
        const now = clock.now()
        const latest = (await readCause(tx, partnership, row.cause)) ?? row
        if (isFresh(latest, now)) return latest.link
        await saveCause(tx, { ...latest, link, linkedAt: now })
        return link
      })
    },
  }
}

const nameOf = ({ outcome, stateReason }: Cause): string => `${outcome} ${stateReason}`

function causeOf({ cause }: CauseRow): Cause {
  // Our own column, written by `nameOf`.
  const [outcome, stateReason] = cause.split(' ') as [Outcome, AccessStateReason]
  return { outcome, stateReason }
}

function isFresh(row: CauseRow, now: Instant): row is CauseRow & { link: string } {
  const age = now - (row.linkedAt ?? 0)
  return row.link !== null && age >= 0 && age < limits.portalLinkMs.value / 2
}

const begun = (partnership: string, cause: string, since: Instant): CauseRow => ({
  partnership,
  cause,
  seq: 0,
  since,
  endedAt: null,
  episode: 0,
  toldAt: null,
  link: null,
  linkedAt: null,
})

/** The cause's row; a phone may ask for its notice before the journal's entry about it was heard. */
async function ensure(
  store: Store,
  clock: Clock,
  partnership: string,
  cause: Cause,
): Promise<CauseRow> {
  const name = nameOf(cause)
  const row = await readCause(store.db, partnership, name)
  if (row) return row
  return store.transact(async (tx) => {
    const other = await readCause(tx, partnership, name)
    if (other) return other
    const fresh = begun(partnership, name, clock.now())
    await saveCause(tx, fresh)
    return fresh
  })
}

async function take(given: Given, news: News, outbox: Pick<Outbox, 'queue'>): Promise<void> {
  const { store } = given
  const { partnership } = news
  switch (news.what) {
    case 'gone':
      return store.transact((tx) => forgetClient(tx, partnership))
    case 'free':
      return store.transact((tx) => endCauses(tx, partnership, news.at))
    case 'held': {
      const described = await given.describe(partnership)
      // MS-ASHTTP clients that probe with DeviceId `validate` are no phone, and never come back.
      if (!described || described.partnership.eas.deviceId.toLowerCase() === 'validate') return
      const administrators = await given.administrators()
      const now = given.clock.now()
      await store.transact(async (tx) => {
        const told = await tell(tx, news, now)
        if (!told) return
        for (const mail of mailsFor(told, described.user.mail, administrators, now))
          await outbox.queue(tx, mail)
      })
    }
  }
}

/** Opens the cause; gives its row when it is to be told now. An entry heard twice says nothing new. */
async function tell(
  tx: Tx,
  news: News & { readonly what: 'held' },
  now: Instant,
): Promise<CauseRow | undefined> {
  const name = nameOf(news.cause)
  const row =
    (await readCause(tx, news.partnership, name)) ?? begun(news.partnership, name, news.at)
  if (news.seq <= row.seq) return undefined
  const back = row.endedAt !== null
  const quiet = row.toldAt !== null && now - row.toldAt < limits.noticeQuietMs.value
  const telling = row.toldAt === null || (back && !quiet)
  const next: CauseRow = {
    ...row,
    seq: news.seq,
    since: back ? news.at : row.since,
    endedAt: null,
    ...(telling && { episode: row.episode + 1, toldAt: now }),
    // A link is the cause's: what comes back later gets another.
    ...(telling && back && { link: null, linkedAt: null }),
  }
  // Held up for one cause at a time: what was to be told of another is no longer true.
  await endCauses(tx, news.partnership, news.at)
  await saveCause(tx, next)
  return telling ? next : undefined
}

function mailsFor(
  cause: CauseRow,
  user: string,
  administrators: readonly string[],
  now: Instant,
): MailRow[] {
  const mail = (audience: MailRow['audience'], address: string): MailRow => ({
    id: newId('mail', now),
    partnership: cause.partnership,
    cause: cause.cause,
    episode: cause.episode,
    audience,
    address,
    state: 'due',
    tries: 0,
    queuedAt: now,
    dueAt: now,
    content: null,
  })
  const others = new Set(administrators)
  return [mail('user', user), ...[...others].map((address) => mail('administrator', address))]
}
