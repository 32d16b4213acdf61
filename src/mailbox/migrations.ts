import { type ColumnDefinitionBuilder, sql } from 'kysely'
import type { Profile } from '../store/profile.ts'
import type { Database, Migration } from '../store/store.ts'

/** Counters of one user: every change of the mailbox takes the next number. */
interface OwnerRow {
  user_id: string
  counter: number
}

/** The numbers of the last change, arrival and removal in a folder: what did not happen need not be looked for. */
interface FolderRow {
  user_id: string
  folder: string
  changed: number
  arrived: number
  removed: number
}

/** One message in one folder. `version` is the number of its last change. */
interface ItemRow {
  user_id: string
  item: number
  folder: string
  received_at: number
  version: number
  is_read: number
  /** JSON of a `FollowUp`; '' without one. */
  flag: string
  size: number
}

/** The message as it came, apart from its row so that lists stay small. */
interface MessageRow {
  user_id: string
  item: number
  raw: Uint8Array
  /** Lower-case subject, people and the start of the text: what Search looks through. */
  words: string
}

/** What is known of one collection of one client; `collection` '' is the folder hierarchy. */
interface SyncRow {
  partnership: string
  source: string
  collection: string
  nonce: string
  serial: number
  /** Age limit in days of the last look; 0 without one. */
  days: number
  /** Oldest instant of the last look. */
  since: number
  /** The folder's `changed` at the last look, -1 when more remained. */
  seen: number
  /** JSON of the client's last options: they hold until it sends others. */
  options: string
}

/**
 * One item that a client holds. `acknowledged` is the version it is known to have, `sent` the version of the last answer,
 * 0 is none. The two differ until the next key tells that the answer arrived.
 */
interface HeldRow {
  partnership: string
  collection: string
  item: number
  acknowledged: number
  sent: number
  /** What the last answer said of it: 0 told, 1 nothing because the client did it, 2 aged out of the filter. */
  manner: number
}

/** Requests that a client may later send empty or in part. */
interface ClientRow {
  partnership: string
  source: string
  /** JSON of `PingParameters`; '' before the first full Ping. */
  ping: string
  /** JSON of the last Sync without commands; '' when there is none. */
  sync: string
}

/** A ClientId that was used to send: 118 when it comes again. */
interface SentRow {
  partnership: string
  client_id: string
  /** 1: handed over. 0: begun, and cut off by a crash. */
  done: number
  at: number
}

/** When a client was first shown a notice, and whether it was read. */
interface NoticeRow {
  partnership: string
  item: number
  shown_at: number
  is_read: number
}

/** The tables of this room. */
export type MailboxTables = {
  mailbox_owners: OwnerRow
  mailbox_folders: FolderRow
  mailbox_items: ItemRow
  mailbox_messages: MessageRow
  mailbox_syncs: SyncRow
  mailbox_held: HeldRow
  mailbox_clients: ClientRow
  mailbox_sent: SentRow
  mailbox_notices: NoticeRow
}

const required = (column: ColumnDefinitionBuilder) => column.notNull()

async function createContentTables(db: Database, profile: Profile): Promise<void> {
  const number = profile.instant
  const bytes = profile.engine === 'postgres' ? 'bytea' : 'blob'
  await db.schema
    .createTable('mailbox_owners')
    .addColumn('user_id', 'text', (column) => column.primaryKey())
    .addColumn('counter', number, required)
    .execute()
  await db.schema
    .createTable('mailbox_folders')
    .addColumn('user_id', 'text', required)
    .addColumn('folder', 'text', required)
    .addColumn('changed', number, required)
    .addColumn('arrived', number, required)
    .addColumn('removed', number, required)
    .addPrimaryKeyConstraint('mailbox_folders_key', ['user_id', 'folder'])
    .execute()
  await db.schema
    .createTable('mailbox_items')
    .addColumn('user_id', 'text', required)
    .addColumn('item', number, required)
    .addColumn('folder', 'text', required)
    .addColumn('received_at', number, required)
    .addColumn('version', number, required)
    .addColumn('is_read', 'integer', required)
    .addColumn('flag', 'text', required)
    .addColumn('size', 'integer', required)
    .addPrimaryKeyConstraint('mailbox_items_key', ['user_id', 'item'])
    .execute()
  await db.schema
    .createIndex('mailbox_items_by_age')
    .on('mailbox_items')
    .columns(['user_id', 'folder', 'received_at', 'item'])
    .execute()
  await db.schema
    .createIndex('mailbox_items_by_change')
    .on('mailbox_items')
    .columns(['user_id', 'folder', 'version'])
    .execute()
  await db.schema
    .createTable('mailbox_messages')
    .addColumn('user_id', 'text', required)
    .addColumn('item', number, required)
    .addColumn('raw', bytes, required)
    .addColumn('words', 'text', required)
    .addPrimaryKeyConstraint('mailbox_messages_key', ['user_id', 'item'])
    .execute()
}

async function createSyncTables(db: Database, profile: Profile): Promise<void> {
  const number = profile.instant
  await db.schema
    .createTable('mailbox_syncs')
    .addColumn('partnership', 'text', required)
    .addColumn('source', 'text', required)
    .addColumn('collection', 'text', required)
    .addColumn('nonce', 'text', required)
    .addColumn('serial', number, required)
    .addColumn('days', 'integer', required)
    .addColumn('since', number, required)
    .addColumn('seen', number, required)
    .addColumn('options', 'text', required)
    .addPrimaryKeyConstraint('mailbox_syncs_key', ['partnership', 'source', 'collection'])
    .execute()
  await db.schema
    .createTable('mailbox_held')
    .addColumn('partnership', 'text', required)
    .addColumn('collection', 'text', required)
    .addColumn('item', number, required)
    .addColumn('acknowledged', number, required)
    .addColumn('sent', number, required)
    .addColumn('manner', 'integer', required)
    .addPrimaryKeyConstraint('mailbox_held_key', ['partnership', 'collection', 'item'])
    .execute()
  // Only what the last answer changed: its next key settles these rows without reading the others.
  await db.schema
    .createIndex('mailbox_held_unsettled')
    .on('mailbox_held')
    .columns(['partnership', 'collection'])
    .where(sql.ref('acknowledged'), '<>', sql.ref('sent'))
    .execute()
}

async function createClientTables(db: Database, profile: Profile): Promise<void> {
  const number = profile.instant
  await db.schema
    .createTable('mailbox_clients')
    .addColumn('partnership', 'text', required)
    .addColumn('source', 'text', required)
    .addColumn('ping', 'text', required)
    .addColumn('sync', 'text', required)
    .addPrimaryKeyConstraint('mailbox_clients_key', ['partnership', 'source'])
    .execute()
  await db.schema
    .createTable('mailbox_sent')
    .addColumn('partnership', 'text', required)
    .addColumn('client_id', 'text', required)
    .addColumn('done', 'integer', required)
    .addColumn('at', number, required)
    .addPrimaryKeyConstraint('mailbox_sent_key', ['partnership', 'client_id'])
    .execute()
  await db.schema
    .createTable('mailbox_notices')
    .addColumn('partnership', 'text', required)
    .addColumn('item', number, required)
    .addColumn('shown_at', number, required)
    .addColumn('is_read', 'integer', required)
    .addPrimaryKeyConstraint('mailbox_notices_key', ['partnership', 'item'])
    .execute()
}

/** Migrations of the mailbox. */
export const mailboxMigrations: readonly Migration[] = [
  {
    id: '0009-mailbox',
    async up(db, profile) {
      await createContentTables(db, profile)
      await createSyncTables(db, profile)
      await createClientTables(db, profile)
    },
  },
]
