import type { Generated } from 'kysely'
import type { Migration } from '../store/store.ts'

/** Tables of access. */
export type AccessTables = {
  access_setting: SettingTable
  access_mailbox: MailboxTable
  access_state: StateTable
  access_log: LogTable
  access_autoblock: AutoblockTable
  access_place: PlaceTable
  access_unconfirmed: UnconfirmedTable
}

/** Parts of `AccessPolicies` by their property; a part that is missing is as by default. */
interface SettingTable {
  name: string
  /** JSON. */
  document: string
}

/** Mailboxes that somebody set something for. */
interface MailboxTable {
  user: string
  /** JSON of a `CasMailbox`. */
  document: string
}

/** The last decision per partnership. */
interface StateTable {
  partnership: string
  /** JSON of a `Decision`. */
  document: string
  decidedAt: number
  /** 0 or 1. */
  policyRefused: number
  requests: number
}

/** New and changed decisions, never altered. */
interface LogTable {
  // Given by the database; never inserted.
  readonly seq: Generated<number>
  partnership: string
  was: string | null
  document: string
  decidedAt: number
  latencyMs: number
  /** Since 0016; before it only in the document, or not at all. */
  user: string | null
  outcome: string | null
  address: string | null
  /** JSON of a `LoggedClient`. */
  client: string | null
}

/** Clients that ran wild. */
interface AutoblockTable {
  partnership: string
  /** JSON of an `Autoblock`. */
  document: string
}

/** Where clients came from of late; bounded per client. */
interface PlaceTable {
  partnership: string
  address: string
  lastAt: number
}

/** The change that is undone unless it is confirmed; one row at most. */
interface UnconfirmedTable {
  id: string
  actor: string
  at: number
  undoAt: number
  /** JSON of the changed parts, as they were and as they became. */
  before: string
  after: string
}

/** Made once, in this order, never changed once released. */
export const accessMigrations: readonly Migration[] = [
  {
    id: '0005-access',
    async up(db, profile) {
      await db.schema
        .createTable('access_setting')
        .addColumn('name', 'text', (c) => c.primaryKey().notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('access_mailbox')
        .addColumn('user', 'text', (c) => c.primaryKey().notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('access_state')
        .addColumn('partnership', 'text', (c) => c.primaryKey().notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .addColumn('decidedAt', profile.instant, (c) => c.notNull())
        .addColumn('policyRefused', 'integer', (c) => c.notNull())
        .addColumn('requests', profile.instant, (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('access_log')
        .addColumn('seq', profile.instant, profile.sequence)
        .addColumn('partnership', 'text', (c) => c.notNull())
        .addColumn('was', 'text')
        .addColumn('document', 'text', (c) => c.notNull())
        .addColumn('decidedAt', profile.instant, (c) => c.notNull())
        .addColumn('latencyMs', 'integer', (c) => c.notNull())
        .execute()
      await db.schema
        .createIndex('access_log_partnership')
        .on('access_log')
        .columns(['partnership', 'seq'])
        .execute()
    },
  },
  {
    id: '0014-access-autoblock',
    async up(db) {
      await db.schema
        .createTable('access_autoblock')
        .addColumn('partnership', 'text', (c) => c.primaryKey().notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .execute()
    },
  },
  {
    id: '0015-access-guard',
    async up(db, profile) {
      await db.schema
        .createTable('access_place')
        .addColumn('partnership', 'text', (c) => c.notNull())
        .addColumn('address', 'text', (c) => c.notNull())
        .addColumn('lastAt', profile.instant, (c) => c.notNull())
        .addPrimaryKeyConstraint('access_place_key', ['partnership', 'address'])
        .execute()
      await db.schema
        .createTable('access_unconfirmed')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('actor', 'text', (c) => c.notNull())
        .addColumn('at', profile.instant, (c) => c.notNull())
        .addColumn('undoAt', profile.instant, (c) => c.notNull())
        .addColumn('before', 'text', (c) => c.notNull())
        .addColumn('after', 'text', (c) => c.notNull())
        .execute()
    },
  },
  {
    id: '0016-access-log-client',
    async up(db) {
      for (const name of ['user', 'outcome', 'address', 'client'])
        await db.schema.alterTable('access_log').addColumn(name, 'text').execute()
      await db.schema
        .createIndex('access_log_user')
        .on('access_log')
        .columns(['user', 'seq'])
        .execute()
    },
  },
]
