import type { Instant } from '../base/clock.ts'
import type { Database, Tx } from '../store/store.ts'
import type { CauseRow, MailRow, NoticesTables } from './migrations.ts'

// All the SQL of notices. What must happen together takes the transaction that it belongs to.

const tables = (db: Database) => db.withTables<NoticesTables>()

/** What is kept of one cause at one client. */
export async function readCause(
  db: Database,
  partnership: string,
  cause: string,
): Promise<CauseRow | undefined> {
  return await tables(db)
    .selectFrom('notice_cause')
    .selectAll()
    .where('partnership', '=', partnership)
    .where('cause', '=', cause)
    .executeTakeFirst()
}

/** Keeps the cause, whether or not it was kept before. */
export async function saveCause(tx: Tx, row: CauseRow): Promise<void> {
  const { partnership, cause, ...rest } = row
  await tables(tx)
    .insertInto('notice_cause')
    .values({ partnership, cause, ...rest })
    .onConflict((c) => c.columns(['partnership', 'cause']).doUpdateSet(rest))
    .execute()
}

/** Nothing holds the client up any more. */
export async function endCauses(tx: Tx, partnership: string, at: Instant): Promise<void> {
  await tables(tx)
    .updateTable('notice_cause')
    .set({ endedAt: at })
    .where('partnership', '=', partnership)
    .where('endedAt', 'is', null)
    .execute()
}

/** Forgets everything about a client that is gone. */
export async function forgetClient(tx: Tx, partnership: string): Promise<void> {
  await tables(tx).deleteFrom('notice_cause').where('partnership', '=', partnership).execute()
  await tables(tx).deleteFrom('notice_mail').where('partnership', '=', partnership).execute()
}

/** Queues a mail, unless the same one is there already. */
export async function addMail(tx: Tx, row: MailRow): Promise<void> {
  await tables(tx)
    .insertInto('notice_mail')
    .values(row)
    .onConflict((c) => c.doNothing())
    .execute()
}

/** The mail that has waited longest among those due; one in sending is due again once its time is over. */
export async function nextMail(db: Database, now: Instant): Promise<MailRow | undefined> {
  return await tables(db)
    .selectFrom('notice_mail')
    .selectAll()
    .where('state', 'in', ['due', 'sending'])
    .where('dueAt', '<=', now)
    .orderBy('dueAt')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

/** Notes that the mail is being sent, until at the latest `until`; false when somebody else was faster. */
export async function beginMail(db: Database, row: MailRow, until: Instant): Promise<boolean> {
  const taken = await tables(db)
    .updateTable('notice_mail')
    .set({ state: 'sending', tries: row.tries + 1, dueAt: until })
    .where('id', '=', row.id)
    .where('state', '=', row.state)
    .where('tries', '=', row.tries)
    .returning('id')
    .executeTakeFirst()
  return taken !== undefined
}

/** Notes how sending ended, and when to try again if it did not. */
export async function settleMail(
  db: Database,
  id: string,
  state: MailRow['state'],
  dueAt: Instant,
): Promise<void> {
  await tables(db).updateTable('notice_mail').set({ state, dueAt }).where('id', '=', id).execute()
}

/**
 * Drops a mail whose cause was over before it could be sent. With none of its mails sent the cause was not told, so it
 * will be when it comes back; one that is back already has its mail tried again at `later`.
 */
export async function voidMail(tx: Tx, row: MailRow, later: Instant): Promise<void> {
  const { partnership, cause, episode } = row
  const known = await readCause(tx, partnership, cause)
  if (known?.endedAt === null) return await settleMail(tx, row.id, 'due', later)
  await settleMail(tx, row.id, 'void', later)
  const other = await tables(tx)
    .selectFrom('notice_mail')
    .select('id')
    .where('partnership', '=', partnership)
    .where('cause', '=', cause)
    .where('episode', '=', episode)
    .where('state', '<>', 'void')
    .limit(1)
    .executeTakeFirst()
  if (known?.episode === episode && !other) await saveCause(tx, { ...known, toldAt: null })
}

/** Drops letters about this that were not sent yet. */
export async function recallLetters(tx: Tx, about: string): Promise<void> {
  await tables(tx)
    .updateTable('notice_mail')
    .set({ state: 'void' })
    .where('partnership', '=', about)
    .where('content', 'is not', null)
    .where('state', '=', 'due')
    .execute()
}

/** When the next mail is due, if any. */
export async function earliestDue(tx: Tx): Promise<Instant | undefined> {
  const row = await tables(tx)
    .selectFrom('notice_mail')
    .select('dueAt')
    .where('state', 'in', ['due', 'sending'])
    .orderBy('dueAt')
    .limit(1)
    .executeTakeFirst()
  return row?.dueAt
}

/** Drops mails that are done and old: what was told is known from the cause. */
export async function dropMails(db: Database, queuedBefore: Instant): Promise<void> {
  await tables(db)
    .deleteFrom('notice_mail')
    .where('state', 'not in', ['due', 'sending'])
    .where('queuedAt', '<', queuedBefore)
    .execute()
}
