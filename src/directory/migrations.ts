import type { Migration } from '../store/store.ts'

/** Tables of the directory. */
export type DirectoryTables = {
  directory_user: UserTable
  directory_name: NameTable
  directory_group: GroupTable
  directory_member: MemberTable
}

interface UserTable {
  id: string
  name: string
  displayName: string
  mail: string
  /** 0 or 1. */
  enabled: number
  role: string
  /** argon2id in PHC form; null for users whose password lives elsewhere. */
  passwordHash: string | null
  /** BCP 47; null where nobody said. */
  preferredLanguage: string | null
  addedAt: number
}

/**
 * Every name that signs in, folded: a user's name and mail address. One key for both, so that nobody can take the
 * mail address of another as a name and be found in the other's place.
 */
interface NameTable {
  folded: string
  user: string
}

interface GroupTable {
  id: string
  folded: string
  name: string
  addedAt: number
}

/** Direct membership of a user or a group. */
interface MemberTable {
  group: string
  member: string
}

/** Made once, in this order, never changed once released. */
export const directoryMigrations: readonly Migration[] = [
  {
    id: '0002-directory',
    async up(db, profile) {
      await db.schema
        .createTable('directory_user')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('displayName', 'text', (c) => c.notNull())
        .addColumn('mail', 'text', (c) => c.notNull())
        .addColumn('enabled', 'integer', (c) => c.notNull())
        .addColumn('role', 'text', (c) => c.notNull())
        .addColumn('passwordHash', 'text')
        .addColumn('addedAt', profile.instant, (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('directory_name')
        .addColumn('folded', 'text', (c) => c.primaryKey().notNull())
        .addColumn('user', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createIndex('directory_name_user')
        .on('directory_name')
        .column('user')
        .execute()
      await db.schema
        .createTable('directory_group')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('folded', 'text', (c) => c.notNull().unique())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('addedAt', profile.instant, (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('directory_member')
        .addColumn('group', 'text', (c) => c.notNull())
        .addColumn('member', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('directory_member_key', ['group', 'member'])
        .execute()
    },
  },
  {
    id: '0140-preferred-language',
    async up(db) {
      await db.schema.alterTable('directory_user').addColumn('preferredLanguage', 'text').execute()
    },
  },
]
