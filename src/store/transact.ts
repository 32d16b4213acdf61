import { assert } from '../base/failures.ts'
import type { Inside } from './engine.ts'
import type { Database, Tx } from './store.ts'

/** What rides along with one transaction. */
export interface Ride {
  /** Runs in the transaction, after the caller's work and right before the commit. */
  beforeCommit(last: () => Promise<void>): void
  /** Runs once the transaction is durable; never after a rollback. Must not throw. */
  afterCommit(then: () => void): void
}

export interface Transactions {
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** For what would wait for the very transaction that it is called in. */
  assertOutside(what: string): void
  /** The ride of a transaction that `run` made. */
  of(tx: Tx): Ride
}

/** Transactions of one store, with what must happen at their end and only then. */
export function createTransactions(db: Database, inside: Inside): Transactions {
  // Keyed by executor, which every view `tx.withTables<…>()` of one transaction shares.
  const rides = new WeakMap<object, Ride>()

  const assertOutside = (what: string) => {
    assert(!inside.getStore()?.open, `${what} inside transact`)
  }

  return {
    assertOutside,
    async run(work) {
      assertOutside('transact')
      const before: (() => Promise<void>)[] = []
      const after: (() => void)[] = []
      const span = { open: true }
      const ride = (list: unknown[]) => (step: unknown) => {
        assert(span.open, 'the transaction has ended')
        list.push(step)
      }
      const answer = await db.transaction().execute(async (tx) => {
        rides.set(tx.getExecutor(), { beforeCommit: ride(before), afterCommit: ride(after) })
        try {
          const result = await inside.run(span, () => work(tx))
          for (const last of before) await last()
          return result
        } finally {
          span.open = false
        }
      })
      for (const then of after) then()
      return answer
    },

    of(tx) {
      const ride = rides.get(tx.getExecutor())
      assert(ride, 'this transaction was not made by transact')
      return ride
    },
  }
}
