import type { Migration } from '../store/store.ts'

/** Tables of the history. */
export type HistoryTables = {
  history: HistoryRow
}

/** An entry, never altered; the columns before `document` only serve to find it. */
export interface HistoryRow {
  readonly seq: number
  readonly at: number
  readonly actor: string
  readonly kind: string
  readonly subject: string
  /** In lower case. */
  readonly name: string
  /** Canonical JSON of an `Entry`: exactly what is signed. */
  readonly document: string
  readonly signature: string
}

export const historyMigrations: readonly Migration[] = [
  {
    id: '0100-history',
    async up(db, profile) {
      await db.schema
        .createTable('history')
        // Given by us, since a number that the database skips would look like an entry that is gone.
        .addColumn('seq', profile.instant, (c) => c.primaryKey().notNull())
        .addColumn('at', profile.instant, (c) => c.notNull())
        .addColumn('actor', 'text', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('subject', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .addColumn('signature', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createIndex('history_kind')
        .on('history')
        .columns(['kind', 'name', 'seq'])
        .execute()
    },
  },
]
