import { type Kysely, sql } from 'kysely'
import type { Instant } from '../base/clock.ts'
import type { Database } from '../store/store.ts'
import type { MailboxTables } from './migrations.ts'
import type { CollectionId } from './state/records.ts'

// All SQL about messages, and about messages against what a client holds. `db` is the store's for reading, or the transaction's.

const tables = (db: Database): Kysely<MailboxTables> => db.withTables<MailboxTables>()

/** A stored message without its bytes. */
export interface ItemRecord {
  readonly item: number
  readonly folder: string
  readonly receivedAt: Instant
  readonly version: number
  readonly read: boolean
  readonly flag: string
  readonly size: number
}

// ---- messages ----

/** Takes the user's next change number. */
export async function nextNumber(tx: Database, user: string): Promise<number> {
  const row = await tables(tx)
    .insertInto('mailbox_owners')
    .values({ user_id: user, counter: 1 })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet({ counter: sql<number>`mailbox_owners.counter + 1` }),
    )
    .returning('counter')
    .executeTakeFirstOrThrow()
  return row.counter
}

/** The numbers of the last happenings in a folder; 0 for what never happened. */
export interface FolderNumbers {
  readonly changed: number
  readonly arrived: number
  readonly removed: number
}

/** Notes what happened in a folder at `number`. */
export async function touchFolder(
  tx: Database,
  user: string,
  folder: string,
  number: number,
  what: 'changed' | 'arrived' | 'removed',
): Promise<void> {
  const now = { changed: number, ...(what === 'changed' ? {} : { [what]: number }) }
  await tables(tx)
    .insertInto('mailbox_folders')
    .values({ user_id: user, folder, arrived: 0, removed: 0, ...now })
    .onConflict((conflict) => conflict.columns(['user_id', 'folder']).doUpdateSet(now))
    .execute()
}

/** What last happened in a folder. */
export async function folderNumbers(
  db: Database,
  user: string,
  folder: string,
): Promise<FolderNumbers> {
  const row = await tables(db)
    .selectFrom('mailbox_folders')
    .select(['changed', 'arrived', 'removed'])
    .where('user_id', '=', user)
    .where('folder', '=', folder)
    .executeTakeFirst()
  return row ?? { changed: 0, arrived: 0, removed: 0 }
}

/** Stores a new message. */
export async function addItem(
  tx: Database,
  user: string,
  record: ItemRecord,
  raw: Uint8Array,
  words: string,
): Promise<void> {
  await tables(tx).insertInto('mailbox_items').values(itemRow(user, record)).execute()
  await tables(tx)
    .insertInto('mailbox_messages')
    .values({ user_id: user, item: record.item, raw, words })
    .execute()
}

/** Writes read flag, follow-up flag, folder and version of a message. */
export async function updateItem(tx: Database, user: string, record: ItemRecord): Promise<void> {
  const { folder, version, is_read, flag } = itemRow(user, record)
  await tables(tx)
    .updateTable('mailbox_items')
    .set({ folder, version, is_read, flag })
    .where('user_id', '=', user)
    .where('item', '=', record.item)
    .execute()
}

/** Deletes messages for good. */
export async function dropItems(
  tx: Database,
  user: string,
  items: readonly number[],
): Promise<void> {
  // Far below the number of parameters that a statement may have.
  const slice = 1000
  for (let from = 0; from < items.length; from += slice) {
    const some = items.slice(from, from + slice)
    for (const table of ['mailbox_items', 'mailbox_messages'] as const) {
      await tables(tx)
        .deleteFrom(table)
        .where('user_id', '=', user)
        .where('item', 'in', some)
        .execute()
    }
  }
}

/** One message without its bytes. */
export async function findItem(
  db: Database,
  user: string,
  item: number,
): Promise<ItemRecord | undefined> {
  const row = await itemColumns(db, user).where('item', '=', item).executeTakeFirst()
  return row && itemRecord(row)
}

/** Every message of a folder, without bytes. */
export async function listFolder(
  db: Database,
  user: string,
  folder: string,
): Promise<readonly ItemRecord[]> {
  const rows = await itemColumns(db, user).where('folder', '=', folder).execute()
  return rows.map(itemRecord)
}

/** The bytes of a message. */
export async function readRaw(
  db: Database,
  user: string,
  item: number,
): Promise<Uint8Array | undefined> {
  const row = await tables(db)
    .selectFrom('mailbox_messages')
    .select('raw')
    .where('user_id', '=', user)
    .where('item', '=', item)
    .executeTakeFirst()
  return row?.raw
}

/** Messages that contain the text, newest first, with how many there are; `text` in lower case. */
export async function searchItems(
  db: Database,
  user: string,
  ask: { text: string; folder: string | undefined; offset: number; limit: number },
): Promise<{ total: number; items: readonly ItemRecord[] }> {
  const pattern = `%${ask.text.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`
  let found = tables(db)
    .selectFrom('mailbox_items')
    .innerJoin('mailbox_messages', (join) =>
      join
        .onRef('mailbox_messages.user_id', '=', 'mailbox_items.user_id')
        .onRef('mailbox_messages.item', '=', 'mailbox_items.item'),
    )
    .where('mailbox_items.user_id', '=', user)
    .where(sql<boolean>`mailbox_messages.words like ${pattern} escape '\\'`)
  if (ask.folder !== undefined) found = found.where('mailbox_items.folder', '=', ask.folder)
  const count = await found.select((the) => the.fn.countAll().as('total')).executeTakeFirst()
  const rows = await found
    .selectAll('mailbox_items')
    .orderBy('received_at', 'desc')
    .orderBy('mailbox_items.item', 'desc')
    .offset(ask.offset)
    .limit(ask.limit)
    .execute()
  return { total: Number(count?.total ?? 0), items: rows.map(itemRecord) }
}

const itemColumns = (db: Database, user: string) =>
  tables(db).selectFrom('mailbox_items').selectAll().where('user_id', '=', user)

const itemRow = (user: string, record: ItemRecord): MailboxTables['mailbox_items'] => ({
  user_id: user,
  item: record.item,
  folder: record.folder,
  received_at: record.receivedAt,
  version: record.version,
  is_read: record.read ? 1 : 0,
  flag: record.flag,
  size: record.size,
})

const itemRecord = (row: MailboxTables['mailbox_items']): ItemRecord => ({
  item: row.item,
  folder: row.folder,
  receivedAt: row.received_at,
  version: row.version,
  read: row.is_read === 1,
  flag: row.flag,
  size: row.size,
})

// ---- what a client holds, against what there is ----

/** A client's collection, the folder behind it and the oldest instant that its filter lets in. */
export interface Comparison {
  readonly user: string
  readonly folder: string
  readonly client: CollectionId
  readonly since: Instant
  /** Only versions above this one can be new to the client; -1: all. */
  readonly above: number
  readonly limit: number
}

const heldBy = (db: Database, { partnership, collection }: CollectionId) =>
  tables(db)
    .selectFrom('mailbox_held')
    .where('partnership', '=', partnership)
    .where('collection', '=', collection)

/** Items that the client holds and that left the folder, or grew older than the filter (`aged`). */
export async function findGone(
  db: Database,
  ask: Comparison,
): Promise<readonly { item: number; aged: boolean }[]> {
  const rows = await heldBy(db, ask.client)
    .leftJoin('mailbox_items as i', (join) =>
      join
        .on('i.user_id', '=', ask.user)
        .on('i.folder', '=', ask.folder)
        .onRef('i.item', '=', 'mailbox_held.item'),
    )
    .where('mailbox_held.sent', '<>', 0)
    .where((the) => the.or([the('i.item', 'is', null), the('i.received_at', '<', ask.since)]))
    .select(['mailbox_held.item', 'i.version'])
    .limit(ask.limit)
    .execute()
  return rows.map((row) => ({ item: row.item, aged: row.version !== null }))
}

/** Items that the client holds in another version than the folder. */
export async function findChanged(
  db: Database,
  ask: Comparison,
): Promise<readonly { item: number; version: number }[]> {
  return await heldBy(db, ask.client)
    .innerJoin('mailbox_items as i', (join) =>
      join
        .on('i.user_id', '=', ask.user)
        .on('i.folder', '=', ask.folder)
        .onRef('i.item', '=', 'mailbox_held.item'),
    )
    .where('mailbox_held.sent', '<>', 0)
    .where('i.received_at', '>=', ask.since)
    .where('i.version', '>', ask.above)
    .whereRef('mailbox_held.sent', '<>', 'i.version')
    .select(['i.item', 'i.version'])
    .limit(ask.limit)
    .execute()
}

/** Items of the folder that the client does not hold, newest first. */
export async function findNew(
  db: Database,
  ask: Comparison,
): Promise<readonly { item: number; version: number; size: number }[]> {
  const { partnership, collection } = ask.client
  return await tables(db)
    .selectFrom('mailbox_items as i')
    .leftJoin('mailbox_held as h', (join) =>
      join
        .on('h.partnership', '=', partnership)
        .on('h.collection', '=', collection)
        .onRef('h.item', '=', 'i.item')
        .on('h.sent', '<>', 0),
    )
    .where('i.user_id', '=', ask.user)
    .where('i.folder', '=', ask.folder)
    .where('i.received_at', '>=', ask.since)
    .where('i.version', '>', ask.above)
    .where('h.item', 'is', null)
    .orderBy('i.received_at', 'desc')
    .orderBy('i.item', 'desc')
    .select(['i.item', 'i.version', 'i.size'])
    .limit(ask.limit)
    .execute()
}

/** True when an item of the folder lies between the two instants: it ages out, or comes into a wider filter. */
export async function hasBetween(
  db: Database,
  ask: { user: string; folder: string; from: Instant; to: Instant },
): Promise<boolean> {
  const row = await itemColumns(db, ask.user)
    .where('folder', '=', ask.folder)
    .where('received_at', '>=', ask.from)
    .where('received_at', '<', ask.to)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
