import { randomUUID } from 'node:crypto'
import type { Clock, Instant } from '../base/clock.ts'
import { assert } from '../base/failures.ts'
import type { Log } from '../base/log.ts'
import { Bell, type Ring } from './bell.ts'
import type { Engine } from './engine.ts'
import { deleteAlarms, rowsPerStatement, upsertAlarms } from './records.ts'
import type { Tx } from './store.ts'
import type { Transactions } from './transact.ts'

/** Stored moments to look again at a subject: one per kind and subject, so nothing polls. */
export interface Alarms {
  /** Replaces the subject's alarm of this kind with the commit of `tx`; `undefined` removes it. */
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
    set: createSet(transactions, (at) => bell.arm(at)),
    on(kind, ring) {
      assert(!rings.has(kind), `alarms of kind ${kind} have their ring already`)
      rings.set(kind, ring)
      bell.look()
    },
    look: () => bell.look(),
    stop: () => bell.stop(),
  }
}

interface Draft {
  readonly kind: string
  readonly subject: string
  readonly at: Instant | undefined
}

// As with entries of the journal: what a transaction sets is written together, in few statements, the last word of each.
function createSet(transactions: Transactions, arm: (at: Instant) => void): Alarms['set'] {
  const drafts = new WeakMap<object, Map<string, Draft>>()
  return async (tx, kind, subject, at) => {
    const ride = transactions.of(tx)
    if (at !== undefined)
      assert(Number.isSafeInteger(at), `alarm ${kind} at ${at}, which is no moment`)
    const known = drafts.get(ride)
    const wanted = known ?? new Map<string, Draft>()
    wanted.set(JSON.stringify([kind, subject]), { kind, subject, at })
    if (known) return
    drafts.set(ride, wanted)
    ride.beforeCommit(() => write(tx, [...wanted.values()]))
    ride.afterCommit(() => {
      const moments = [...wanted.values()].flatMap((draft) => draft.at ?? [])
      if (moments.length > 0) arm(Math.min(...moments))
    })
  }
}

async function write(tx: Tx, drafts: readonly Draft[]): Promise<void> {
  for (let from = 0; from < drafts.length; from += rowsPerStatement) {
    const set: { kind: string; subject: string; at: Instant; token: string }[] = []
    const gone = new Map<string, string[]>()
    for (const { kind, subject, at } of drafts.slice(from, from + rowsPerStatement))
      if (at !== undefined) set.push({ kind, subject, at, token: randomUUID() })
      else gone.set(kind, [...(gone.get(kind) ?? []), subject])
    if (set.length > 0) await upsertAlarms(tx, set)
    for (const [kind, subjects] of gone) await deleteAlarms(tx, kind, subjects)
  }
}
