import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Store, Tx } from '../store/store.ts'
import type { MailRow } from './migrations.ts'
import {
  addMail,
  beginMail,
  dropMails,
  earliestDue,
  nextMail,
  settleMail,
  voidMail,
} from './records.ts'

/** Mails that wait to be sent, as rows, and the one that sends them. */
export interface Outbox {
  /** Queues in the caller's transaction: with the cause that is noted as told, or not at all. */
  queue(tx: Tx, row: MailRow): Promise<void>
  /** Resolves when the mail in hand is done. */
  stop(): Promise<void>
}

const alarmKind = 'notices.send'
const alarmSubject = 'outbox'

/**
 * Sends one mail after the other, woken by a single alarm, so that a slow mail server holds nothing else up.
 *
 * At least once: `sending` is noted before, the outcome after. A crash in between leaves a mail of which nobody knows
 * whether the server took it; it is sent again after a while under the same Message-ID, by which mail servers that
 * suppress duplicates know it. The other order would now and then tell a locked-out user nothing.
 */
export function createOutbox(given: {
  store: Store
  clock: Clock
  log: Log
  /** Throws when it should be tried again; `void` when the mail has lost its reason. */
  send(row: MailRow): Promise<'sent' | 'refused' | 'void'>
}): Outbox {
  const { store, clock, log } = given
  const { db } = store
  let stopped = false
  let pumping: Promise<void> = Promise.resolve()

  /** False: the way is blocked, and the others need not be tried now. */
  const sendOne = async (row: MailRow): Promise<boolean> => {
    const now = clock.now()
    if (!(await beginMail(db, row, now + limits.noticeSendMs.value))) return true
    try {
      const outcome = await given.send(row)
      const later = clock.now() + limits.noticeRetryMs.value
      if (outcome === 'void') await store.transact((tx) => voidMail(tx, row, later))
      else await settleMail(db, row.id, outcome, clock.now())
      log.info('notice.settled', { mail: row.id, partnership: row.partnership, outcome })
      return true
    } catch (thrown) {
      log.error('notice.send', thrown, { mail: row.id, tries: row.tries + 1 })
      const givenUp = clock.now() - row.queuedAt > limits.noticeGiveUpMs.value
      const due = clock.now() + retryDelayMs(row)
      await settleMail(db, row.id, givenUp ? 'given up' : 'due', due)
      return false
    }
  }

  const pump = async () => {
    let open = true
    while (open && !stopped) {
      const row = await nextMail(db, clock.now())
      if (!row) break
      open = await sendOne(row)
    }
    await dropMails(db, clock.now() - limits.noticeKeepMs.value)
    const pauseUntil = open ? 0 : clock.now() + limits.noticeRetryMs.value
    // In one transaction with the look at the rows, so that a mail queued meanwhile is not slept through.
    await store.transact(async (tx) => {
      const due = await earliestDue(tx)
      if (due === undefined) return
      await store.alarms.set(tx, alarmKind, alarmSubject, Math.max(due, pauseUntil))
    })
  }

  store.alarms.on(alarmKind, async () => {
    // Thrown, so that the alarm is kept for the next start.
    if (stopped) throw new Failure('store.unavailable', 'stopping')
    pumping = pump()
    await pumping
  })

  return {
    async queue(tx, row) {
      const before = await earliestDue(tx)
      await addMail(tx, row)
      // Behind a mail that is due already it needs no alarm of its own: a thousand devices at once would cost a thousand.
      if (before !== undefined && before <= row.dueAt) return
      await store.alarms.set(tx, alarmKind, alarmSubject, row.dueAt)
    },
    async stop() {
      stopped = true
      await pumping
    },
  }
}

const retryDelayMs = ({ tries }: MailRow): number =>
  Math.min(limits.noticeRetryMs.value * 2 ** tries, limits.noticeRetryLongestMs.value)
