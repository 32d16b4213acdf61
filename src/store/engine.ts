import type { AsyncLocalStorage } from 'node:async_hooks'
import { type CompiledQuery, RawNode, SelectQueryNode } from 'kysely'
import type { Instant } from '../base/clock.ts'
import type { Profile } from './profile.ts'
import type { Database, Tx } from './store.ts'

/** Marks code that runs inside `transact`, so that a use of `db` in there cannot wait for itself. */
export type Inside = AsyncLocalStorage<{ open: boolean }>

/** What the store needs of a database, and no room ever sees. */
export interface Engine {
  readonly db: Database
  readonly profile: Profile
  /** The journal's last number, told at once; only a database inside this process can. */
  readonly headNow?: () => number
  /**
   * Calls `hear` whenever other processes may have written: `head` is the journal's last number as asked at `at`, so
   * every entry committed before `at` is at most `head`. Silence means that nothing is known, not that nothing happened.
   */
  watch(hear: (head: number, at: Instant) => void): void
  /** Tells other nodes, with the commit of this transaction, that there is news. */
  readonly announce?: (tx: Tx) => Promise<void>
  /** Seeks the right to act under this name on one node only; `told` hears of each gain and loss. Returns its release. */
  seek(name: string, told: (held: boolean) => void): () => Promise<void>
  /** Lifts the time limit of statements while migrations rebuild tables. */
  patiently<T>(work: () => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/** True for a statement that changes nothing: a built select, or a raw one that begins with the word. */
export function readsOnly({ query, sql }: CompiledQuery): boolean {
  return SelectQueryNode.is(query) || (RawNode.is(query) && /^\s*select\b/i.test(sql))
}
