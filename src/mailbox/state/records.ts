import type { Kysely } from 'kysely'
import type { Instant } from '../../base/clock.ts'
import type { Database } from '../../store/store.ts'
import type { Source } from '../keys.ts'
import type { MailboxTables } from '../migrations.ts'

// All SQL about what is known of a client: its sync keys, what it holds, the requests it may abbreviate, what it sent.
// `db` is the store's for reading, or the transaction's.

const tables = (db: Database): Kysely<MailboxTables> => db.withTables<MailboxTables>()

/** One collection of one client. */
export interface CollectionId {
  readonly partnership: string
  readonly source: Source
  readonly collection: string
}

/** The kept state of a collection; the fields are those of `SyncRow`. */
export interface SyncRecord {
  readonly nonce: string
  readonly serial: number
  readonly days: number
  readonly since: Instant
  readonly seen: number
  readonly options: string
}

/** What the last answer told of an item and is not acknowledged yet. */
export interface Unsettled {
  readonly item: number
  readonly acknowledged: number
  readonly sent: number
  readonly manner: number
}

const heldBy = (db: Database, { partnership, collection }: CollectionId) =>
  tables(db)
    .selectFrom('mailbox_held')
    .where('partnership', '=', partnership)
    .where('collection', '=', collection)

/** The kept state of a collection. */
export async function findSync(
  db: Database,
  { partnership, source, collection }: CollectionId,
): Promise<SyncRecord | undefined> {
  return await tables(db)
    .selectFrom('mailbox_syncs')
    .select(['nonce', 'serial', 'days', 'since', 'seen', 'options'])
    .where('partnership', '=', partnership)
    .where('source', '=', source)
    .where('collection', '=', collection)
    .executeTakeFirst()
}

/** Writes the state of a collection. */
export async function saveSync(
  tx: Database,
  { partnership, source, collection }: CollectionId,
  record: SyncRecord,
): Promise<void> {
  const { nonce, serial, days, since, seen, options } = record
  const fields = { nonce, serial, days, since, seen, options }
  await tables(tx)
    .insertInto('mailbox_syncs')
    .values({ partnership, source, collection, ...fields })
    .onConflict((conflict) =>
      conflict.columns(['partnership', 'source', 'collection']).doUpdateSet(fields),
    )
    .execute()
}

/** Forgets what a client holds of a collection: it begins again with key 0. */
export async function clearHeld(tx: Database, client: CollectionId): Promise<void> {
  await tables(tx)
    .deleteFrom('mailbox_held')
    .where('partnership', '=', client.partnership)
    .where('collection', '=', client.collection)
    .execute()
}

/** Notes what an answer tells of items; `sent` 0 is "gone". */
export async function tellHeld(
  tx: Database,
  client: CollectionId,
  told: readonly { item: number; sent: number; manner: number }[],
): Promise<void> {
  if (told.length === 0) return
  const { partnership, collection } = client
  await tables(tx)
    .insertInto('mailbox_held')
    .values(told.map((row) => ({ partnership, collection, acknowledged: 0, ...row })))
    .onConflict((conflict) =>
      conflict.columns(['partnership', 'collection', 'item']).doUpdateSet((the) => ({
        sent: the.ref('excluded.sent'),
        manner: the.ref('excluded.manner'),
      })),
    )
    .execute()
}

/** What the last answer told and the client has not acknowledged. */
export async function findUnsettled(
  db: Database,
  client: CollectionId,
): Promise<readonly Unsettled[]> {
  return await heldBy(db, client)
    .whereRef('acknowledged', '<>', 'sent')
    .select(['item', 'acknowledged', 'sent', 'manner'])
    .orderBy('item', 'desc')
    .execute()
}

/** The client holds what the last answer told. */
export async function settleHeld(tx: Database, client: CollectionId): Promise<void> {
  const { partnership, collection } = client
  await tables(tx)
    .updateTable('mailbox_held')
    .set((the) => ({ acknowledged: the.ref('sent') }))
    .where('partnership', '=', partnership)
    .where('collection', '=', collection)
    .whereRef('acknowledged', '<>', 'sent')
    .where('sent', '<>', 0)
    .execute()
  await tables(tx)
    .deleteFrom('mailbox_held')
    .where('partnership', '=', partnership)
    .where('collection', '=', collection)
    .whereRef('acknowledged', '<>', 'sent')
    .where('sent', '=', 0)
    .execute()
}

/** Every item that a client holds of a collection; for collections of few items. */
export async function listHeld(
  db: Database,
  client: CollectionId,
): Promise<readonly { item: number; sent: number }[]> {
  return await heldBy(db, client).where('sent', '<>', 0).select(['item', 'sent']).execute()
}

/** The version of an item that a client holds; 0 when it holds none. */
export async function heldVersion(
  db: Database,
  client: CollectionId,
  item: number,
): Promise<number> {
  const row = await heldBy(db, client).where('item', '=', item).select('sent').executeTakeFirst()
  return row?.sent ?? 0
}

/** The requests that a client may abbreviate, as kept; '' where there is none. */
export async function findClient(
  db: Database,
  partnership: string,
  source: Source,
): Promise<{ ping: string; sync: string }> {
  const row = await tables(db)
    .selectFrom('mailbox_clients')
    .select(['ping', 'sync'])
    .where('partnership', '=', partnership)
    .where('source', '=', source)
    .executeTakeFirst()
  return row ?? { ping: '', sync: '' }
}

/** Keeps the last full Ping or Sync of a client. */
export async function saveClient(
  db: Database,
  partnership: string,
  source: Source,
  change: { ping: string } | { sync: string },
): Promise<void> {
  await tables(db)
    .insertInto('mailbox_clients')
    .values({ partnership, source, ping: '', sync: '', ...change })
    .onConflict((conflict) => conflict.columns(['partnership', 'source']).doUpdateSet(change))
    .execute()
}

/** What became of an earlier message with this ClientId; `undefined`: there was none. */
export async function findSent(
  db: Database,
  partnership: string,
  clientId: string,
): Promise<'begun' | 'done' | undefined> {
  const row = await tables(db)
    .selectFrom('mailbox_sent')
    .select('done')
    .where('partnership', '=', partnership)
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  return row && (row.done === 1 ? 'done' : 'begun')
}

/** Notes a ClientId, and forgets those older than `forgetBefore`. */
export async function saveSent(
  tx: Database,
  sent: { partnership: string; clientId: string; done: boolean; at: Instant },
  forgetBefore: Instant,
): Promise<void> {
  const { partnership, clientId, at } = sent
  const done = sent.done ? 1 : 0
  await tables(tx)
    .insertInto('mailbox_sent')
    .values({ partnership, client_id: clientId, done, at })
    .onConflict((conflict) => conflict.columns(['partnership', 'client_id']).doUpdateSet({ done }))
    .execute()
  await tables(tx)
    .deleteFrom('mailbox_sent')
    .where('partnership', '=', partnership)
    .where('at', '<', forgetBefore)
    .execute()
}

/** When a client was first shown a notice, and whether it was read there. */
export async function findNotice(
  db: Database,
  partnership: string,
  item: number,
): Promise<{ shownAt: Instant; read: boolean } | undefined> {
  const row = await tables(db)
    .selectFrom('mailbox_notices')
    .select(['shown_at', 'is_read'])
    .where('partnership', '=', partnership)
    .where('item', '=', item)
    .executeTakeFirst()
  return row && { shownAt: row.shown_at, read: row.is_read === 1 }
}

/** Notes a notice as shown, or its read flag. */
export async function saveNotice(
  tx: Database,
  partnership: string,
  item: number,
  notice: { shownAt: Instant; read: boolean },
): Promise<void> {
  const fields = { shown_at: notice.shownAt, is_read: notice.read ? 1 : 0 }
  await tables(tx)
    .insertInto('mailbox_notices')
    .values({ partnership, item, ...fields })
    .onConflict((conflict) => conflict.columns(['partnership', 'item']).doUpdateSet(fields))
    .execute()
}

/** Forgets a client altogether. */
export async function forgetClient(tx: Database, partnership: string): Promise<void> {
  for (const table of [
    'mailbox_syncs',
    'mailbox_held',
    'mailbox_clients',
    'mailbox_sent',
    'mailbox_notices',
  ] as const) {
    await tables(tx).deleteFrom(table).where('partnership', '=', partnership).execute()
  }
}
