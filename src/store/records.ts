import { sql } from 'kysely'
import type { Instant } from '../base/clock.ts'
import type { StoreTables } from './migrations.ts'
import type { Profile } from './profile.ts'
import type { Database, Tx } from './store.ts'

/** An entry on its way in or out: its body still JSON text. */
export interface EntryRow {
  readonly seq: number
  readonly kind: string
  readonly at: Instant
  readonly body: string
}

export interface AlarmRow {
  readonly kind: string
  readonly subject: string
  readonly at: Instant
  readonly tries: number
  readonly token: string
}

/** The journal's last number, 0 when it is empty. */
export async function readHead(db: Database): Promise<number> {
  const row = await db
    .withTables<StoreTables>()
    .selectFrom('journal')
    .select((b) => b.fn.max('seq').as('head'))
    .executeTakeFirst()
  return row?.head ?? 0
}

/** The last number of each kind of entry after `after`. */
export async function readLasts(
  db: Database,
  after: number,
): Promise<readonly Pick<EntryRow, 'kind' | 'seq'>[]> {
  return await db
    .withTables<StoreTables>()
    .selectFrom('journal')
    .select((b) => ['kind', b.fn.max('seq').as('seq')])
    .where('seq', '>', after)
    .groupBy('kind')
    .execute()
}

/** Inserts the entries in their order; returns the number of the last. */
export async function insertEntries(
  tx: Tx,
  rows: readonly Omit<EntryRow, 'seq'>[],
): Promise<number> {
  const inserted = await tx
    .withTables<StoreTables>()
    .insertInto('journal')
    .values([...rows])
    .returning('seq')
    .execute()
  return Math.max(...inserted.map((row) => row.seq))
}

/** Entries of these kinds after `after` and up to `upTo`, in order. */
export async function readEntries(
  db: Database,
  range: { kinds: readonly string[]; after: number; upTo: number; limit: number },
): Promise<readonly EntryRow[]> {
  return await db
    .withTables<StoreTables>()
    .selectFrom('journal')
    .selectAll()
    .where('kind', 'in', [...range.kinds])
    .where('seq', '>', range.after)
    .where('seq', '<=', range.upTo)
    .orderBy('seq')
    .limit(range.limit)
    .execute()
}

/** Deletes entries made before `before` that every durable cursor has passed; returns how many. */
export async function deleteEntries(db: Database, before: Instant): Promise<number> {
  const slowest = db
    .withTables<StoreTables>()
    .selectFrom('journal_cursor')
    .select((b) => b.fn.min('seq').as('seq'))
  const { numDeletedRows } = await db
    .withTables<StoreTables>()
    .deleteFrom('journal')
    .where('at', '<', before)
    // Without any cursor the comparison is with null: nothing is deleted.
    .where('seq', '<=', slowest)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/** Where the follower stands; a new one starts at 0 and hears all that is kept. */
export async function readCursor(db: Database, name: string): Promise<number> {
  const row = await db
    .withTables<StoreTables>()
    .selectFrom('journal_cursor')
    .select('seq')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.seq ?? 0
}

/** Moves cursors forward; never back, since a node that was cut off may save late. */
export async function saveCursors(
  db: Database,
  cursors: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = [...cursors].map(([name, seq]) => ({ name, seq }))
  await db
    .withTables<StoreTables>()
    .insertInto('journal_cursor')
    .values(rows)
    .onConflict((c) =>
      c
        .column('name')
        .doUpdateSet((b) => ({ seq: b.ref('excluded.seq') }))
        .whereRef('journal_cursor.seq', '<', 'excluded.seq'),
    )
    .execute()
}

/** Far below the number of parameters that one statement of either engine may have. */
export const rowsPerStatement = 1000

/** Sets or replaces the alarms of these subjects, each named once. */
export async function upsertAlarms(
  tx: Tx,
  alarms: readonly { kind: string; subject: string; at: Instant; token: string }[],
): Promise<void> {
  await tx
    .withTables<StoreTables>()
    .insertInto('alarm')
    .values(alarms.map((alarm) => ({ ...alarm, due: alarm.at, tries: 0 })))
    .onConflict((c) =>
      c.columns(['kind', 'subject']).doUpdateSet((b) => ({
        at: b.ref('excluded.at'),
        due: b.ref('excluded.due'),
        tries: b.ref('excluded.tries'),
        token: b.ref('excluded.token'),
      })),
    )
    .execute()
}

/** Removes the alarms of this kind of these subjects. */
export async function deleteAlarms(
  tx: Tx,
  kind: string,
  subjects: readonly string[],
): Promise<void> {
  await tx
    .withTables<StoreTables>()
    .deleteFrom('alarm')
    .where('kind', '=', kind)
    .where('subject', 'in', [...subjects])
    .execute()
}

/** Removes an alarm if it was not replaced since. */
export async function deleteAlarm(
  db: Database,
  key: { kind: string; subject: string; token: string },
): Promise<void> {
  await db
    .withTables<StoreTables>()
    .deleteFrom('alarm')
    .where('kind', '=', key.kind)
    .where('subject', '=', key.subject)
    .where('token', '=', key.token)
    .execute()
}

/** Which alarms a node may ring: of kinds that it listens to, without those that it is ringing. */
interface Ringable {
  readonly kinds: readonly string[]
  readonly ringing: readonly string[]
}

function selectRingable(db: Database, { kinds, ringing }: Ringable) {
  const query = db
    .withTables<StoreTables>()
    .selectFrom('alarm')
    .where('kind', 'in', [...kinds])
  return ringing.length > 0 ? query.where('token', 'not in', [...ringing]) : query
}

/** The moment of the next alarm. */
export async function readNextDue(db: Database, which: Ringable): Promise<Instant | undefined> {
  const row = await selectRingable(db, which)
    .select('due')
    .orderBy('due')
    .limit(1)
    .executeTakeFirst()
  return row?.due
}

/** Claims alarms that are due: until `until` no other node rings them. */
export async function claimAlarms(
  db: Database,
  profile: Profile,
  claim: Ringable & { now: Instant; until: Instant; limit: number },
): Promise<readonly AlarmRow[]> {
  let due = selectRingable(db, claim)
    .select(['kind', 'subject'])
    .where('due', '<=', claim.now)
    .orderBy('due')
    .limit(claim.limit)
  if (profile.skipLocked) due = due.forUpdate().skipLocked()
  return await db
    .withTables<StoreTables>()
    .updateTable('alarm')
    .set({ due: claim.until, tries: sql`tries + 1` })
    .where((b) => b(b.refTuple('kind', 'subject'), 'in', due.$asTuple('kind', 'subject')))
    .returning(['kind', 'subject', 'at', 'tries', 'token'])
    .execute()
}

/** Puts off a claimed alarm whose ring threw. */
export async function deferAlarm(db: Database, alarm: AlarmRow, due: Instant): Promise<void> {
  await db
    .withTables<StoreTables>()
    .updateTable('alarm')
    .set({ due })
    .where('kind', '=', alarm.kind)
    .where('subject', '=', alarm.subject)
    .where('token', '=', alarm.token)
    .execute()
}
