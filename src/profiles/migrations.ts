import type { Migration } from '../store/store.ts'

/** Tables of profiles. */
export type ProfilesTables = {
  email_profile: { id: string; document: string }
  email_profile_handed_out: { identifier: string; place: string; document: string }
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
  {
    id: '0120-handed-out-profiles',
    async up(db) {
      await db.schema
        .createTable('email_profile_handed_out')
        .addColumn('identifier', 'text', (c) => c.notNull())
        .addColumn('place', 'text', (c) => c.notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('email_profile_handed_out_key', ['identifier', 'place'])
        .execute()
    },
  },
]
