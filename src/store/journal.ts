import type { Clock, Instant } from '../base/clock.ts'
import { assert } from '../base/failures.ts'
import type { Log } from '../base/log.ts'
import { createCursors } from './cursors.ts'
import type { Engine } from './engine.ts'
import { JournalFollower } from './follower.ts'
import { deleteEntries, insertEntries, readHead, readLasts, rowsPerStatement } from './records.ts'
import type { Database, Tx } from './store.ts'
import type { Transactions } from './transact.ts'

export interface Entry {
  readonly seq: number
  readonly kind: string
  readonly at: Instant
  readonly body: unknown
}

export interface Follow {
  /** Name of the cursor; one durable follower of a name runs at a time over all nodes. */
  readonly name: string
  readonly kinds: readonly string[]
  /** Durable: resumes after its last taken entry, at least once. Otherwise starts at the head, on every node. */
  readonly durable: boolean
  /** Idempotent. A throw is logged and the entry is tried again, later and later; none is skipped. */
  take(entry: Entry): Promise<void>
}

export interface Follower {
  /** The latest instant for which it is known that every entry committed before it was taken. */
  freshAt(): Instant
  /** Resolves once every entry that was committed before this call has been taken. Not inside `take` or `transact`. */
  caughtUp(): Promise<void>
  /** Resolves when the entry in hand is taken; no other will be. */
  stop(): Promise<void>
}

/** The numbered log by which news travels upwards. Sequence order is commit order. */
export interface Journal {
  /** Writes the entry with the commit of `tx`; followers wake after it. `body` must be JSON. */
  append(tx: Tx, kind: string, body: object): Promise<void>
  /** A new durable follower hears all that is kept; a non-durable one what is committed from now on. */
  follow(follow: Follow): Promise<Follower>
  /** The number of the last entry; 0 before the first. */
  head(): Promise<number>
  /**
   * The last number of each kind of entry after `after`. Within a transaction that stays true until its end, as nobody
   * else commits meanwhile; its own entries are not among them.
   */
  since(after: number, within?: Database): Promise<ReadonlyMap<string, number>>
  /** Deletes entries older than `before` that every durable follower has taken; returns how many. */
  prune(before: Instant): Promise<number>
}

/** The journal as the store itself sees it. */
export interface OwnJournal extends Journal {
  /** See `Engine.watch`. */
  hear(head: number, at: Instant): void
  stop(): Promise<void>
}

/** The journal over an engine. */
export function createJournal(options: {
  engine: Engine
  transactions: Transactions
  clock: Clock
  log: Log
}): OwnJournal {
  const { engine, transactions, clock, log } = options
  const cursors = createCursors(engine.db, log)
  const followers = new Set<JournalFollower>()
  const tellFollowers: Told = (first, last, kinds, at) => {
    for (const follower of followers) follower.committed(first, last, kinds, at)
  }

  return {
    append: createAppend({ engine, transactions, clock, told: tellFollowers }),

    async follow(follow) {
      for (const { name, durable } of [...followers].map((follower) => follower.follow))
        assert(!(durable && follow.durable && name === follow.name), `${name} is followed already`)
      const follower = new JournalFollower({ follow, engine, cursors, clock, log })
      // Among the followers before the head is read, so that no news falls in between.
      followers.add(follower)
      try {
        await follower.start()
      } catch (thrown) {
        followers.delete(follower)
        throw thrown
      }
      return {
        freshAt: () => follower.freshAt(),
        async caughtUp() {
          transactions.assertOutside('waiting for a follower')
          await follower.caughtUp()
        },
        async stop() {
          await follower.stop()
          followers.delete(follower)
        },
      }
    },

    head: () => readHead(engine.db),
    async since(after, within = engine.db) {
      return new Map((await readLasts(within, after)).map(({ kind, seq }) => [kind, seq]))
    },

    prune: (before) => deleteEntries(engine.db, before),

    hear(head, at) {
      for (const follower of followers) follower.hear(head, at)
    },

    async stop() {
      await Promise.all([...followers].map((follower) => follower.stop()))
      await cursors.settle()
    },
  }
}

interface Draft {
  readonly kind: string
  readonly body: string
}

/** Hears, after the commit, of entries `first` to `last`. */
type Told = (first: number, last: number, kinds: ReadonlySet<string>, at: Instant) => void

// The entries of a transaction are written together, last of all: the fewest statements, and one moment for all.
function createAppend(options: {
  engine: Engine
  transactions: Transactions
  clock: Clock
  told: Told
}): Journal['append'] {
  const { engine, transactions, clock, told } = options
  const drafts = new WeakMap<object, Draft[]>()

  const write = async (tx: Tx, news: readonly Draft[]) => {
    const at = clock.now()
    let last = 0
    for (let from = 0; from < news.length; from += rowsPerStatement) {
      const rows = news.slice(from, from + rowsPerStatement).map((draft) => ({ ...draft, at }))
      last = await insertEntries(tx, rows)
    }
    await engine.announce?.(tx)
    const kinds = new Set(news.map((draft) => draft.kind))
    transactions.of(tx).afterCommit(() => told(last - news.length + 1, last, kinds, at))
  }

  return async (tx, kind, body) => {
    const ride = transactions.of(tx)
    const draft = { kind, body: JSON.stringify(body) }
    const news = drafts.get(ride)
    if (news) {
      news.push(draft)
      return
    }
    const first = [draft]
    drafts.set(ride, first)
    ride.beforeCommit(() => write(tx, first))
  }
}
