import type { Migration } from '../store/store.ts'

/** Tables of collections. */
export type CollectionTables = {
  collection: {
    id: string
    /** JSON of a `Collection`. */
    document: string
  }
}

/** Made once, in this order, never changed once released. */
export const collectionMigrations: readonly Migration[] = [
  {
    id: '0015-collections',
    async up(db) {
      await db.schema
        .createTable('collection')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .execute()
    },
  },
]
