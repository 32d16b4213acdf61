import type { Migration } from '../store/store.ts'

/** Tables of rollouts. */
export type RolloutTables = {
  rollout: RolloutTable
  rollout_wave: WaveTable
  rollout_member: MemberTable
}

interface RolloutTable {
  id: string
  /** JSON of a `Rollout`. */
  document: string
  createdAt: number
}

interface WaveTable {
  rollout: string
  number: number
  at: number
  actor: string
}

/** Whom a rollout moved; once at most. */
interface MemberTable {
  rollout: string
  user: string
  wave: number
  movedAt: number
  /** 0 or 1. */
  passed: number
  refusedAt: number | null
  /** 0 or 1. */
  accepted: number
}

/** Made once, in this order, never changed once released. */
export const rolloutMigrations: readonly Migration[] = [
  {
    id: '0110-rollout',
    async up(db, profile) {
      await db.schema
        .createTable('rollout')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .addColumn('createdAt', profile.instant, (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('rollout_wave')
        .addColumn('rollout', 'text', (c) => c.notNull())
        .addColumn('number', 'integer', (c) => c.notNull())
        .addColumn('at', profile.instant, (c) => c.notNull())
        .addColumn('actor', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('rollout_wave_key', ['rollout', 'number'])
        .execute()
      await db.schema
        .createTable('rollout_member')
        .addColumn('rollout', 'text', (c) => c.notNull())
        .addColumn('user', 'text', (c) => c.notNull())
        .addColumn('wave', 'integer', (c) => c.notNull())
        .addColumn('movedAt', profile.instant, (c) => c.notNull())
        .addColumn('passed', 'integer', (c) => c.notNull())
        .addColumn('refusedAt', profile.instant)
        .addColumn('accepted', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('rollout_member_key', ['rollout', 'user'])
        .execute()
      await db.schema
        .createIndex('rollout_member_user')
        .on('rollout_member')
        .column('user')
        .execute()
    },
  },
]
