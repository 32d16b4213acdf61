import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, createManualClock } from '../../src/base/clock.ts'
import { Failure } from '../../src/base/failures.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import type { Entry } from '../../src/store/journal.ts'
import { type Migration, openStore, type Store } from '../../src/store/store.ts'

/** A kind of database that a store can be opened on. */
export interface StoreKind {
  readonly name: string
  /** The URL of a new, empty database. */
  newUrl(): Promise<string>
  /** What was written is there after the store was stopped and opened again. */
  readonly kept: boolean
}

/** A table for the tests: who was committed when. */
export type RankTables = { rank: { name: string; rank: number } }

export const rankMigrations: readonly Migration[] = [
  {
    id: '0900-rank',
    async up(db) {
      await db.schema
        .createTable('rank')
        .addColumn('name', 'text', (c) => c.primaryKey().notNull())
        .addColumn('rank', 'integer', (c) => c.notNull())
        .execute()
    },
  },
]

/** A moment in November 2023 where the clocks of the tests begin. */
export const start = 1_700_000_000_000

/** Opens a store that stops with the test. */
export async function opened(
  t: TestContext,
  url: string,
  options: { clock?: Clock; log?: Log; migrations?: readonly Migration[] } = {},
): Promise<Store> {
  const { clock = createManualClock(start), log = silentLog, migrations = rankMigrations } = options
  const store = await openStore({ url, migrations, clock, log })
  t.after(() => store.stop())
  return store
}

/** Waits until it holds; fails after `ms`. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 8000): Promise<void> {
  const end = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`still not so after ${ms} ms: ${String(holds)}`)
    await pause(2)
  }
}

/** Gives whatever wrongly happens the time to happen. */
export const settle = () => pause(30)

/** Writes the name with its rank, the number of names committed before, and appends it to the journal. */
export async function addName(store: Store, name: string, kind = 'name.added'): Promise<number> {
  return await store.transact(async (tx) => {
    const tables = tx.withTables<RankTables>()
    const { rank } = await tables
      .selectFrom('rank')
      .select((b) => b.fn.countAll<number>().as('rank'))
      .executeTakeFirstOrThrow()
    await store.journal.append(tx, kind, { name, rank })
    await tables.insertInto('rank').values({ name, rank }).execute()
    return rank
  })
}

export async function names(store: Store): Promise<string[]> {
  const rows = await store.db.withTables<RankTables>().selectFrom('rank').selectAll().execute()
  return rows.sort((a, b) => a.rank - b.rank).map((row) => row.name)
}

export const nameOf = (entry: Entry) => (entry.body as { name: string }).name // as `addName` wrote it

export const isUnavailable = (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === 'store.unavailable'
