import type { Migration } from '../store/store.ts'

/** Tables of identity. Tokens are kept as hashes only: who reads the database cannot sign in with it. */
export type IdentityTables = {
  session: SessionRow
  one_time_link: LinkRow
  api_token: TokenRow
}

interface SessionRow {
  /** SHA-256 of the cookie. */
  hash: string
  user: string
  /** Sign-in name when the session began: how the directory is asked. */
  name: string
  startedAt: number
  usedAt: number
}

interface LinkRow {
  hash: string
  purpose: string
  subject: string
  issuedAt: number
  expiresAt: number
  usedAt: number | null
}

interface TokenRow {
  id: string
  hash: string
  user: string
  name: string
  issuedAt: number
}

export const identityMigrations: readonly Migration[] = [
  {
    id: '0006-identity',
    async up(db, profile) {
      await db.schema
        .createTable('session')
        .addColumn('hash', 'text', (c) => c.primaryKey().notNull())
        .addColumn('user', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('startedAt', profile.instant, (c) => c.notNull())
        .addColumn('usedAt', profile.instant, (c) => c.notNull())
        .execute()
      await db.schema.createIndex('session_user').on('session').column('user').execute()
      await db.schema
        .createTable('one_time_link')
        .addColumn('hash', 'text', (c) => c.primaryKey().notNull())
        .addColumn('purpose', 'text', (c) => c.notNull())
        .addColumn('subject', 'text', (c) => c.notNull())
        .addColumn('issuedAt', profile.instant, (c) => c.notNull())
        .addColumn('expiresAt', profile.instant, (c) => c.notNull())
        .addColumn('usedAt', profile.instant)
        .execute()
      await db.schema
        .createIndex('one_time_link_end')
        .on('one_time_link')
        .column('expiresAt')
        .execute()
      await db.schema
        .createTable('api_token')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('hash', 'text', (c) => c.notNull().unique())
        .addColumn('user', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('issuedAt', profile.instant, (c) => c.notNull())
        .execute()
      await db.schema.createIndex('api_token_user').on('api_token').column('user').execute()
    },
  },
]
