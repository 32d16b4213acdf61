import type { Instant } from '../base/clock.ts'
import type { Database, Tx } from '../store/store.ts'
import type { HistoryRow, HistoryTables } from './migrations.ts'

const tables = (db: Database) => db.withTables<HistoryTables>()

/** Which entries are wanted. */
export interface HistoryFilter {
  readonly actor?: string
  readonly kind?: string
  /** Of a thing of this name, without regard to case, or of this id. */
  readonly name?: string
  readonly since?: Instant
  /** Later than the entry of this number. */
  readonly after?: number
  /** Earlier than it. */
  readonly before?: number
}

/** The newest entry. */
export async function readLast(db: Database): Promise<HistoryRow | undefined> {
  return await tables(db)
    .selectFrom('history')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Entries in the order of their numbers, or the newest first. */
export async function readHistory(
  db: Database,
  { filter, order, limit }: { filter: HistoryFilter; order: 'oldest' | 'newest'; limit: number },
): Promise<readonly HistoryRow[]> {
  return await wanted(db, filter)
    .selectAll()
    .orderBy('seq', order === 'oldest' ? 'asc' : 'desc')
    .limit(limit)
    .execute()
}

/** How many there are. */
export async function countHistory(db: Database, filter: HistoryFilter): Promise<number> {
  const row = await wanted(db, filter)
    .select((b) => b.fn.countAll<number>().as('count'))
    .executeTakeFirst()
  return row?.count ?? 0
}

function wanted(db: Database, { actor, kind, name, since, after, before }: HistoryFilter) {
  let query = tables(db).selectFrom('history')
  if (actor !== undefined) query = query.where('actor', '=', actor)
  if (kind !== undefined) query = query.where('kind', '=', kind)
  if (name !== undefined)
    query = query.where((b) => b.or([b('name', '=', name.toLowerCase()), b('subject', '=', name)]))
  if (since !== undefined) query = query.where('at', '>=', since)
  if (after !== undefined) query = query.where('seq', '>', after)
  if (before !== undefined) query = query.where('seq', '<', before)
  return query
}

/** Adds entries behind the last. */
export async function insertHistory(tx: Tx, rows: readonly HistoryRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsPerInsert)
    await tables(tx)
      .insertInto('history')
      .values(rows.slice(from, from + rowsPerInsert))
      .execute()
}

// Far below the number of parameters that one statement of either engine may have.
const rowsPerInsert = 500
