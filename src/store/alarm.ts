import { randomUUID } from 'node:crypto'
import type { Clock, Instant } from '../base/clock.ts'
import { assert } from '../base/failures.ts'
import type { Log } from '../base/log.ts'
import { Bell, type Ring } from './bell.ts'
import type { Engine } from './engine.ts'
import { deleteAlarm, upsertAlarm } from './records.ts'
import type { Tx } from './store.ts'
import type { Transactions } from './transact.ts'

/** Stored moments to look again at a subject: one per kind and subject, so nothing polls. */
export interface Alarms {
  /** Replaces the subject's alarm of this kind; `undefined` removes it. */
  set(tx: Tx, kind: string, subject: string, at: Instant | undefined): Promise<void>
  /** Calls `ring` at or after the moment, on one node, at least once; a throw rings again later. */
  on(kind: string, ring: (subject: string, at: Instant) => Promise<void>): void
}

/** The alarms as the store itself sees them. */
export interface OwnAlarms extends Alarms {
  /** Other nodes may have set alarms: looks what is due next. */
  look(): void
  stop(): Promise<void>
}

/** The alarms over an engine. */
export function createAlarms(options: {
  engine: Engine
  transactions: Transactions
  clock: Clock
  log: Log
}): OwnAlarms {
  const { engine, transactions, clock, log } = options
  const rings = new Map<string, Ring>()
  const bell = new Bell({ engine, rings, clock, log })
  return {
    async set(tx, kind, subject, at) {
      const ride = transactions.of(tx)
      if (at === undefined) return await deleteAlarm(tx, { kind, subject })
      assert(Number.isSafeInteger(at), `alarm ${kind} at ${at}, which is no moment`)
      await upsertAlarm(tx, { kind, subject, at, token: randomUUID() })
      ride.afterCommit(() => bell.arm(at))
    },
    on(kind, ring) {
      assert(!rings.has(kind), `alarms of kind ${kind} have their ring already`)
      rings.set(kind, ring)
      bell.look()
    },
    look: () => bell.look(),
    stop: () => bell.stop(),
  }
}
