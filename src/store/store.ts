import { AsyncLocalStorage } from 'node:async_hooks'
import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { type Alarms, createAlarms } from './alarm.ts'
import type { Engine, Inside } from './engine.ts'
import { createJournal, type Journal } from './journal.ts'
import { migrate } from './migrate.ts'
import { storeMigrations } from './migrations.ts'
import { within } from './patience.ts'
import type { Profile } from './profile.ts'
import { createTransactions } from './transact.ts'

/** Any room's view of the tables: `db.withTables<RoomTables>()`, where `RoomTables` is a type alias. */
export type Database = Kysely<Record<never, never>>
/** A `Database` inside one transaction; made by `transact` only. */
export type Tx = Transaction<Record<never, never>>

/** One step of the tables of a room. */
export interface Migration {
  /** `0003-devices`: sorted, unique, never changed once released. */
  readonly id: string
  /** Runs in a transaction of its own. */
  up(db: Database, profile: Profile): Promise<void>
}

/** The open database of one node, with the journal and the alarms in it. */
export interface Store {
  /** For reading, and for single statements that need no transaction. Inside `transact` it may only read. */
  readonly db: Database
  readonly profile: Profile
  readonly journal: Journal
  readonly alarms: Alarms
  /**
   * Runs `work` in one durable transaction; a throw rolls all of it back. One writer at a time over all nodes, so what
   * `work` has read stays true until it commits: keep it short, and do nothing in it but SQL. A statement that failed
   * ends the transaction on both engines: let it throw (`on conflict` answers "exists already" without a throw).
   */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Resolves when followers and alarms are quiet and the database is closed. */
  stop(): Promise<void>
}

/**
 * Opens a store and brings its tables up to date. `url` is a file path, `:memory:`, or `postgres://…`; the store's own
 * migrations need not be listed. Throws `store.unavailable` and `store.newer`.
 */
export async function openStore(options: {
  url: string
  migrations: readonly Migration[]
  clock: Clock
  log: Log
}): Promise<Store> {
  const { url, clock, log } = options
  const inside: Inside = new AsyncLocalStorage()
  const engine = await openEngine(url, clock, log, inside)
  try {
    const rest = options.migrations.filter((migration) => !storeMigrations.includes(migration))
    await migrate({ engine, migrations: [...storeMigrations, ...rest], clock })
    return createStore(engine, inside, clock, log)
  } catch (thrown) {
    await engine.stop()
    throw thrown
  }
}

// Each engine is loaded when it is asked for: an embedded Postern never pays for the PostgreSQL client.
async function openEngine(url: string, clock: Clock, log: Log, inside: Inside): Promise<Engine> {
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { openPostgres } = await import('./postgres.ts')
    return await openPostgres({ url, clock, log, inside })
  }
  const { openSqlite } = await import('./sqlite.ts')
  return await openSqlite({ path: url, clock, inside })
}

function createStore(engine: Engine, inside: Inside, clock: Clock, log: Log): Store {
  const transactions = createTransactions(engine.db, inside)
  const journal = createJournal({ engine, transactions, clock, log })
  const alarms = createAlarms({ engine, transactions, clock, log })
  engine.watch((head, at) => {
    journal.hear(head, at)
    alarms.look()
  })
  const stop = async () => {
    await Promise.all([journal.stop(), alarms.stop()])
    if (!(await within(limits.storeStopMs.value, engine.stop()))) log.warn('store.stuck')
  }
  let stopped: Promise<void> | undefined
  return {
    db: engine.db,
    profile: engine.profile,
    journal,
    alarms,
    transact: (work) => transactions.run(work),
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}
