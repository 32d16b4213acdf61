import type { Database, Tx } from '../store/store.ts'
import type { EmailProfile } from './email-profile.ts'
import { type HandedOut, placeOf } from './handed-out.ts'
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

/** What was handed out and not taken back, in the order of identifiers and places. */
export async function readHandedOut(db: Database): Promise<readonly HandedOut[]> {
  const rows = await tables(db)
    .selectFrom('email_profile_handed_out')
    .selectAll()
    .orderBy('identifier')
    .orderBy('place')
    .execute()
  return rows.map(({ document }) => JSON.parse(document) as HandedOut) // written by `saveHandedOut`
}

/** Notes it in the place of what was noted before. */
export async function saveHandedOut(tx: Tx, note: HandedOut): Promise<void> {
  const { identifier } = note
  await deleteHandedOut(tx, identifier, placeOf(note))
  const row = { identifier, place: placeOf(note), document: JSON.stringify(note) }
  await tables(tx).insertInto('email_profile_handed_out').values(row).execute()
}

/** Whether there was anything to forget. */
export async function deleteHandedOut(tx: Tx, identifier: string, place: string): Promise<boolean> {
  const { numDeletedRows } = await tables(tx)
    .deleteFrom('email_profile_handed_out')
    .where('identifier', '=', identifier)
    .where('place', '=', place)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
