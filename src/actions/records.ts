import type { Instant } from '../base/clock.ts'
import type { Database, Tx } from '../store/store.ts'
import type { ActionsTables, FiringRow, SpellRow } from './migrations.ts'
import type { Spell } from './schedule.ts'

// All the SQL of actions. What must happen together takes the transaction that it belongs to.

const tables = (db: Database) => db.withTables<ActionsTables>()

/** A spell as it is kept. */
export interface KeptSpell extends Spell {
  readonly id: string
}

/** The spells of these devices, or of all, with the steps that were taken in each. */
export async function readSpells(
  db: Database,
  device?: string,
): Promise<readonly (KeptSpell & Pick<SpellRow, 'device'>)[]> {
  let spells = tables(db).selectFrom('action_spell').selectAll()
  let steps = tables(db)
    .selectFrom('action_firing')
    .innerJoin('action_spell', 'action_spell.id', 'action_firing.spell')
    .select(['action_firing.spell', 'action_firing.step'])
  if (device !== undefined) {
    spells = spells.where('device', '=', device)
    steps = steps.where('action_spell.device', '=', device)
  }
  const taken = new Map<string, Set<string>>()
  for (const { spell, step } of await steps.execute())
    taken.set(spell, (taken.get(spell) ?? new Set()).add(step))
  const rows = await spells.orderBy('since').orderBy('id').execute()
  return rows.map((row) => ({ ...row, taken: taken.get(row.id) ?? new Set<string>() }))
}

/** Devices that have spells, in the order of their ids. */
export async function pageFailing(
  db: Database,
  page: { after: string; limit: number },
): Promise<readonly string[]> {
  const rows = await tables(db)
    .selectFrom('action_spell')
    .select('device')
    .distinct()
    .where('device', '>', page.after)
    .orderBy('device')
    .limit(page.limit)
    .execute()
  return rows.map(({ device }) => device)
}

/** Begins a spell. */
export async function addSpell(tx: Tx, row: SpellRow): Promise<void> {
  await tables(tx).insertInto('action_spell').values(row).execute()
}

/** Ends a spell: what still waits in it has lost its reason, and its unsent pushes too. */
export async function endSpell(tx: Tx, id: string, at: Instant): Promise<void> {
  await tables(tx).deleteFrom('action_spell').where('id', '=', id).execute()
  await tables(tx)
    .updateTable('action_firing')
    .set({ state: 'over', changedAt: at })
    .where('spell', '=', id)
    .where('state', 'in', ['confirmation', 'pending', 'sending'])
    .execute()
}

/** Claims a step of a spell; false when it was taken before. */
export async function addFiring(tx: Tx, row: FiringRow): Promise<boolean> {
  const added = await tables(tx)
    .insertInto('action_firing')
    .values(row)
    .onConflict((c) => c.doNothing())
    .returning('id')
    .executeTakeFirst()
  return added !== undefined
}

/** One firing. */
export async function findFiring(db: Database, id: string): Promise<FiringRow | undefined> {
  return await tables(db)
    .selectFrom('action_firing')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
}

/** All that was fired and is kept, newest first. */
export async function readFirings(db: Database, limit: number): Promise<readonly FiringRow[]> {
  return await tables(db)
    .selectFrom('action_firing')
    .selectAll()
    .orderBy('firedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** Changes a firing that is in state `was`; false when it is not any more. */
export async function changeFiring(
  db: Database,
  id: string,
  was: string,
  change: Partial<Pick<FiringRow, 'state' | 'code' | 'actor'>> & Pick<FiringRow, 'changedAt'>,
): Promise<boolean> {
  const changed = await tables(db)
    .updateTable('action_firing')
    .set(change)
    .where('id', '=', id)
    .where('state', '=', was)
    .returning('id')
    .executeTakeFirst()
  return changed !== undefined
}

/** Frees the step of a failed firing, so that it is taken again; false when it had not failed. */
export async function dropFailed(tx: Tx, id: string): Promise<boolean> {
  const dropped = await tables(tx)
    .deleteFrom('action_firing')
    .where('id', '=', id)
    .where('state', '=', 'failed')
    .returning('id')
    .executeTakeFirst()
  return dropped !== undefined
}

/** Drops firings of spells that are over, settled before this moment. */
export async function dropFirings(db: Database, before: Instant): Promise<void> {
  await tables(db)
    .deleteFrom('action_firing')
    .where('changedAt', '<', before)
    .where('state', 'not in', ['confirmation', 'confirmed', 'pending', 'sending'])
    .where('spell', 'not in', (b) => b.selectFrom('action_spell').select('id'))
    .execute()
}
