import type { Clock } from '../base/clock.ts'
import { assert, Failure } from '../base/failures.ts'
import type { Engine } from './engine.ts'
import type { Migration, Tx } from './store.ts'

type MigrationTables = { migration: { id: string; at: number } }

/**
 * Applies the listed migrations that the database does not have yet, each in its own transaction together with its row
 * in table `migration`. A transaction is the only writer of the database on both engines, so two processes that start
 * at once take turns, and the second finds the work done. Throws `store.newer`.
 */
export async function migrate(options: {
  engine: Engine
  migrations: readonly Migration[]
  clock: Clock
}): Promise<void> {
  const { engine, clock } = options
  const migrations = inOrder(options.migrations)
  await engine.patiently(async () => {
    for (;;) {
      const done = await engine.db.transaction().execute(async (tx) => {
        const next = migrations[await countApplied(tx, engine, migrations)]
        if (!next) return true
        await next.up(tx, engine.profile)
        const row = { id: next.id, at: clock.now() }
        await tx.withTables<MigrationTables>().insertInto('migration').values(row).execute()
        return false
      })
      if (done) return
    }
  })
}

/** Rooms number theirs apart from one another. */
function inOrder(migrations: readonly Migration[]): readonly Migration[] {
  const sorted = migrations.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  let last = ''
  for (const { id } of sorted) {
    assert(/^\d{4}-[a-z0-9-]+$/.test(id), `migration id ${id} is not like 0003-devices`)
    assert(id !== last, `migration ${id} is listed twice`)
    last = id
  }
  return sorted
}

// The applied migrations must be the first of the list; anything else would leave tables that no version has tested.
async function countApplied(
  tx: Tx,
  engine: Engine,
  migrations: readonly Migration[],
): Promise<number> {
  await tx.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('at', engine.profile.instant, (c) => c.notNull())
    .execute()
  const rows = await tx.withTables<MigrationTables>().selectFrom('migration').select('id').execute()
  // Sorted here: the collation of a PostgreSQL database may not be the order of code units.
  const applied = rows.map((row) => row.id).sort()
  const newest = migrations.at(-1)?.id ?? ''
  const newer = applied.find((id) => id > newest)
  if (newer) throw new Failure('store.newer', `the data has migration ${newer}`)
  for (const [index, id] of applied.entries()) {
    const listed = migrations[index]?.id
    assert(listed === id, `migration ${id} was applied where ${listed ?? 'none'} is listed`)
  }
  return applied.length
}
