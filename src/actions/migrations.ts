import type { Migration } from '../store/store.ts'

/** Tables of actions. */
export type ActionsTables = {
  action_spell: SpellRow
  action_firing: FiringRow
  action_template: TemplateRow
  action_brand: { id: string; document: string }
}

/** A device that does not meet a policy, since when. */
export interface SpellRow {
  id: string
  device: string
  policy: string
  since: number
}

/** A message template. */
export interface TemplateRow {
  id: string
  /** JSON of a `Template`. */
  document: string
}

/** One step that was taken. Its row is the claim: there is one per spell and step. */
export interface FiringRow {
  id: string
  spell: string
  step: string
  device: string
  policy: string
  /** As it was called then. */
  policyName: string
  type: string
  dueAt: number
  firedAt: number
  state: string
  /** Why it failed or waits. */
  code: string | null
  /** Who confirmed or dismissed it. */
  actor: string | null
  changedAt: number
}

export const actionsMigrations: readonly Migration[] = [
  {
    id: '0018-actions',
    async up(db, profile) {
      await db.schema
        .createTable('action_spell')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('device', 'text', (c) => c.notNull())
        .addColumn('policy', 'text', (c) => c.notNull())
        .addColumn('since', profile.instant, (c) => c.notNull())
        .addUniqueConstraint('action_spell_once', ['device', 'policy'])
        .execute()
      await db.schema
        .createTable('action_firing')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('spell', 'text', (c) => c.notNull())
        .addColumn('step', 'text', (c) => c.notNull())
        .addColumn('device', 'text', (c) => c.notNull())
        .addColumn('policy', 'text', (c) => c.notNull())
        .addColumn('policyName', 'text', (c) => c.notNull())
        .addColumn('type', 'text', (c) => c.notNull())
        .addColumn('dueAt', profile.instant, (c) => c.notNull())
        .addColumn('firedAt', profile.instant, (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('code', 'text')
        .addColumn('actor', 'text')
        .addColumn('changedAt', profile.instant, (c) => c.notNull())
        .addUniqueConstraint('action_firing_once', ['spell', 'step'])
        .execute()
      await db.schema
        .createTable('action_template')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('action_brand')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .execute()
    },
  },
]
