import type { Database, Tx } from '../store/store.ts'
import type { EmailProfile } from './email-profile.ts'
import type { ProfilesTables } from './migrations.ts'

const tables = (db: Database) => db.withTables<ProfilesTables>()

/** Every profile, oldest first. */
export async function readProfiles(db: Database): Promise<readonly EmailProfile[]> {
  const rows = await tables(db).selectFrom('email_profile').selectAll().execute()
  return rows
    .map(({ document }) => JSON.parse(document) as EmailProfile) // checked before it was written
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
}

/** Keeps these in the place of all others. */
export async function replaceProfiles(tx: Tx, profiles: readonly EmailProfile[]): Promise<void> {
  await tables(tx).deleteFrom('email_profile').execute()
  for (const profile of profiles) {
    const row = { id: profile.id, document: JSON.stringify(profile) }
    await tables(tx).insertInto('email_profile').values(row).execute()
  }
}
