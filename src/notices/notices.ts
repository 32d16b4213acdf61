import { createHash } from 'node:crypto'
import type { Clock, Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { newId } from '../base/id.ts'
import type { Log } from '../base/log.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Store, Tx } from '../store/store.ts'
import { createCauses } from './causes.ts'
import {
  type Cause,
  composeAdministratorNotice,
  composeUserNotice,
  type Described,
} from './compose.ts'
import { type Laid, layOut, type Piece } from './layout.ts'
import type { Mail } from './mail.ts'
import type { MailRow } from './migrations.ts'
import { readNews } from './news.ts'
import { createOutbox } from './outbox.ts'
import { recallLetters } from './records.ts'
import { type Language, languageOf } from './wording.ts'

/** One message to a user, in both forms. */
export interface Notice {
  readonly from: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/**
 * What people are told. Follows `access.changed`: one mail per partnership and cause to the user's real mailbox and one to
 * each administrator; remembered, so that it is never sent twice.
 */
export interface Notices {
  /** The notice that a quarantined client sees as its only mail; same words as the mail. Throws `not.found`. */
  quarantineNotice(partnership: PartnershipId): Promise<Notice>
  /** Queues a letter that another room wrote, in its transaction; `about` is what `recall` knows it by. */
  post(tx: Tx, letter: Addressed): Promise<void>
  /** Letters about this that were not sent yet never are. */
  recall(tx: Tx, about: string): Promise<void>
  stop(): Promise<void>
}

/** A letter of another room, laid out here. */
export interface Addressed {
  readonly to: string
  readonly about: string
  readonly subject: string
  readonly locale: string
  readonly passages: readonly Piece[]
}

/** What notices ask of the rooms beside and below. */
export interface NoticesGiven {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** Sender of all notices. */
  readonly from: string
  /** The client as it is now; `undefined` when it or its user is gone. */
  describe(partnership: PartnershipId): Promise<Described | undefined>
  /**
   * The address of the portal page for this client, with a fresh token that lives `limits.portalLinkMs`. It only says
   * which phone is meant, and whoever follows it signs in all the same: so it may be opened any number of times, is kept
   * here in the clear, and the portal reads it without using it up.
   */
  portalLink(partnership: PartnershipId): Promise<string>
  /** `refused`: this address will never take it. A throw is tried again later. */
  deliver(mail: Mail): Promise<'sent' | 'refused'>
  /** Addresses that are told of every device that is held back. */
  administrators(): Promise<readonly string[]>
  /** The administrator's own sentence for users. */
  insert(): Promise<string>
  /** Of mails to administrators, and to users who said none. */
  readonly language?: Language
}

/** Starts to follow and to send. */
export async function createNotices(given: NoticesGiven): Promise<Notices> {
  const { store, clock, language = 'en' } = given
  const causes = createCauses(given)

  async function compose(described: Described, cause: Cause, sentAt: Instant) {
    const { mail: sentTo, preferredLanguage } = described.user
    const spoken = preferredLanguage === undefined ? language : languageOf(preferredLanguage)
    const occasion = { cause, from: given.from, sentAt, sentTo, language: spoken }
    const link = await causes.link(described.partnership.id, cause)
    return composeUserNotice(described, occasion, { link, insert: await given.insert() })
  }

  const outbox = createOutbox({
    ...given,
    async send(row) {
      if (row.content !== null) {
        // Written by `post` only.
        const written = JSON.parse(row.content) as Pick<Notice, 'subject' | 'text' | 'html'>
        return given.deliver({ ...written, from: given.from, ...envelope(row, clock.now()) })
      }
      const cause = await causes.open(row.partnership, row.cause)
      // Our own row, written from a `PartnershipId`.
      const described = cause && (await given.describe(row.partnership as PartnershipId))
      if (!described) return 'void'
      return given.deliver({
        ...(await noticeFor(row, described, cause)),
        ...envelope(row, clock.now()),
      })
    },
  })

  async function noticeFor(row: MailRow, described: Described, cause: Cause): Promise<Notice> {
    if (row.audience === 'user') return compose(described, cause, row.queuedAt)
    const occasion = {
      cause,
      from: given.from,
      sentAt: row.queuedAt,
      sentTo: row.address,
      language,
    }
    return composeAdministratorNotice(described, occasion)
  }

  const follower = await store.journal.follow({
    name: 'notices',
    kinds: ['access.changed', 'partnership.removed'],
    durable: true,
    async take(entry) {
      const news = readNews(entry)
      if (news) await causes.take(news, outbox)
    },
  })

  return {
    async quarantineNotice(partnership) {
      const described = await given.describe(partnership)
      if (!described) throw new Failure('not.found', 'no such client')
      const { outcome, stateReason } = described.decision
      const cause = { outcome, stateReason }
      return compose(described, cause, await causes.since(partnership, cause))
    },
    post: (tx, letter) => outbox.queue(tx, letterRow(letter, clock.now())),
    recall: recallLetters,
    async stop() {
      await follower.stop()
      await outbox.stop()
    },
  }
}

function letterRow({ to, about, ...letter }: Addressed, now: Instant): MailRow {
  const id = newId('mail', now)
  return {
    id,
    partnership: about,
    // One of its own: a device may be written about often.
    cause: `letter ${id}`,
    episode: 1,
    audience: 'user',
    address: to,
    state: 'due',
    tries: 0,
    queuedAt: now,
    dueAt: now,
    content: JSON.stringify({ subject: letter.subject, ...layOutLetter(letter) }),
  }
}

/** Both forms of a letter, as it is sent. */
export function layOutLetter({
  subject,
  passages,
  locale,
}: Pick<Addressed, 'subject' | 'passages' | 'locale'>): Laid {
  return layOut(subject, passages, locale)
}

/** The Message-ID is made from the row's id, so a mail that is sent again is known as the same. */
function envelope(row: MailRow, at: Instant): Pick<Mail, 'to' | 'messageId' | 'at'> {
  const mark = createHash('sha256').update(row.id).digest('hex').slice(0, 32)
  return { to: row.address, messageId: `<${mark}@postern.invalid>`, at }
}
