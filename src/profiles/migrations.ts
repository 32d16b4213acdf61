import type { Migration } from '../store/store.ts'

/** Tables of profiles. */
export type ProfilesTables = {
  email_profile: { id: string; document: string }
}

export const profilesMigrations: readonly Migration[] = [
  {
    id: '0019-email-profiles',
    async up(db) {
      await db.schema
        .createTable('email_profile')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .execute()
    },
  },
]
