import type { Migration } from '../store/store.ts'

/** Tables of signals. */
export type SignalsTables = { signal_event: EventRow }

/** An event that the receiver has not taken yet. */
export interface EventRow {
  /** Of the journal's entry that it tells of: the order in which events are sent, and their id. */
  seq: number
  /** JSON of a `ComplianceChange`. */
  document: string
  queuedAt: number
  /** Not to be sent before. */
  dueAt: number
  tries: number
}

/** Made once, in this order, never changed once released. */
export const signalsMigrations: readonly Migration[] = [
  {
    id: '0150-signal-event',
    async up(db, profile) {
      await db.schema
        .createTable('signal_event')
        .addColumn('seq', profile.instant, (c) => c.primaryKey().notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .addColumn('queuedAt', profile.instant, (c) => c.notNull())
        .addColumn('dueAt', profile.instant, (c) => c.notNull())
        .addColumn('tries', 'integer', (c) => c.notNull())
        .execute()
    },
  },
]
