import type { Instant } from '../base/clock.ts'
import type { Database, Tx } from '../store/store.ts'
import type { EventRow, SignalsTables } from './migrations.ts'

const tables = (db: Database) => db.withTables<SignalsTables>()

/** Queues an event, unless it is there already. */
export async function addEvent(tx: Tx, row: EventRow): Promise<void> {
  await tables(tx)
    .insertInto('signal_event')
    .values(row)
    .onConflict((c) => c.doNothing())
    .execute()
}

/** The event that has waited longest. */
export async function firstEvent(db: Database): Promise<EventRow | undefined> {
  return await tables(db)
    .selectFrom('signal_event')
    .selectAll()
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
}

/** Notes another try that came to nothing, and when the next one is due. */
export async function noteTry(
  db: Database,
  { seq, tries }: EventRow,
  dueAt: Instant,
): Promise<void> {
  await tables(db)
    .updateTable('signal_event')
    .set({ tries: tries + 1, dueAt })
    .where('seq', '=', seq)
    .execute()
}

/** Forgets an event: taken, refused, or too old. */
export async function dropEvent(db: Database, seq: number): Promise<void> {
  await tables(db).deleteFrom('signal_event').where('seq', '=', seq).execute()
}
