import type { Migration } from './store.ts'

/** Tables of the store itself. */
export type StoreTables = {
  journal: JournalTable
  journal_cursor: { name: string; seq: number }
  alarm: AlarmTable
}

interface JournalTable {
  // Given by the database; never inserted.
  readonly seq: import('kysely').Generated<number>
  kind: string
  at: number
  /** JSON. */
  body: string
}

interface AlarmTable {
  kind: string
  subject: string
  /** The moment that was asked for. */
  at: number
  /** When to try next: `at`, later while a node rings it or after a throw. */
  due: number
  tries: number
  /** Another with each `set`, so that an alarm replaced during its own ring is not taken for rung. */
  token: string
}

export const storeMigrations: readonly Migration[] = [
  {
    id: '0001-store',
    async up(db, profile) {
      await db.schema
        .createTable('journal')
        .addColumn('seq', profile.instant, profile.sequence)
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('at', profile.instant, (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('journal_cursor')
        .addColumn('name', 'text', (c) => c.primaryKey().notNull())
        .addColumn('seq', profile.instant, (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('alarm')
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('subject', 'text', (c) => c.notNull())
        .addColumn('at', profile.instant, (c) => c.notNull())
        .addColumn('due', profile.instant, (c) => c.notNull())
        .addColumn('tries', 'integer', (c) => c.notNull())
        .addColumn('token', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('alarm_key', ['kind', 'subject'])
        .execute()
      // Kind second: looking for the next alarm passes over kinds that this node does not ring without a row lookup.
      await db.schema.createIndex('alarm_due').on('alarm').columns(['due', 'kind']).execute()
    },
  },
]
