import type { Generated } from 'kysely'
import type { Migration } from '../store/store.ts'

/** Tables of access. */
export type AccessTables = {
  access_setting: SettingTable
  access_mailbox: MailboxTable
  access_state: StateTable
  access_log: LogTable
  access_autoblock: AutoblockTable
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
}

/** Clients that ran wild. */
interface AutoblockTable {
  partnership: string
  /** JSON of an `Autoblock`. */
  document: string
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
]
