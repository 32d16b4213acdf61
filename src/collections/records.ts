import type { Database, Tx } from '../store/store.ts'
import type { Collection } from './collection.ts'
import type { CollectionTables } from './migrations.ts'

const tables = (db: Database) => db.withTables<CollectionTables>()

/** All, oldest first. */
export async function readCollections(db: Database): Promise<readonly Collection[]> {
  const rows = await tables(db).selectFrom('collection').select('document').orderBy('id').execute()
  return rows.map(({ document }) => JSON.parse(document) as Collection) // checked before it was written
}

/** Writes what differs between the two sets. */
export async function saveCollections(
  tx: Tx,
  before: readonly Collection[],
  after: readonly Collection[],
): Promise<void> {
  const kept = new Set(after.map(({ id }) => id))
  for (const { id } of before)
    if (!kept.has(id)) await tables(tx).deleteFrom('collection').where('id', '=', id).execute()
  const old = new Set(before)
  for (const one of after) {
    if (old.has(one)) continue
    const document = JSON.stringify(one)
    await tables(tx)
      .insertInto('collection')
      .values({ id: one.id, document })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ document }))
      .execute()
  }
}
