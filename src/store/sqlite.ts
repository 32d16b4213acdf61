import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { type Clock, pause, systemClock } from '../base/clock.ts'
import { assert, Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { type Engine, type Inside, readsOnly } from './engine.ts'
import { sqliteProfile } from './profile.ts'
import { createQueue, type Queue } from './queue.ts'
import { isBusy, SqliteFile } from './sqlite-file.ts'

interface Files {
  /** The one connection that writes. */
  readonly writer: SqliteFile
  /** A second, read-only connection, so that readers wait for no transaction; in memory it is the writer. */
  readonly reader: SqliteFile
}

/** Opens the database file at `path` (made if missing, readable by its owner only), or a private `:memory:`. */
export async function openSqlite(options: {
  path: string
  clock: Clock
  inside: Inside
}): Promise<Engine> {
  const { path, clock, inside } = options
  const files = path === ':memory:' ? openMemory() : await openFiles(path)
  const driver = new SqliteDriver(files, inside)
  let head = 0
  const headNow = () => {
    // On its one connection an in-memory database would count entries that may yet be rolled back.
    if (files.reader.inTransaction) return head
    const row = files.reader.run('select max(seq) as head from journal', []).rows[0]
    head = Number(row?.['head'] ?? 0)
    return head
  }
  let stopWatch = () => {}
  return {
    db: new Kysely({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => driver,
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    }),
    profile: sqliteProfile,
    headNow,
    watch(hear) {
      if (files.reader !== files.writer) stopWatch = watchFile(files.reader, clock, headNow, hear)
    },
    // One process serves a SQLite file. Should a second one open it all the same, both act: at least once still holds.
    seek(_name, told) {
      told(true)
      return async () => {}
    },
    patiently: (work) => work(),
    async stop() {
      stopWatch()
      await driver.close()
    },
  }
}

function openMemory(): Files {
  const writer = new SqliteFile(':memory:', { readOnly: false })
  writer.exec('pragma foreign_keys = on; pragma trusted_schema = off')
  return { writer, reader: writer }
}

async function openFiles(path: string): Promise<Files> {
  createFile(path)
  const writer = new SqliteFile(path, { readOnly: false })
  try {
    // Two processes that start at once: the change to WAL needs the file for itself for a moment.
    await whenFree(() => writer.exec('pragma journal_mode = wal'))
    writer.exec(`pragma synchronous = full; pragma foreign_keys = on; pragma trusted_schema = off;
      pragma journal_size_limit = ${limits.sqliteLogBytes.value}`)
    const reader = new SqliteFile(path, { readOnly: true })
    reader.exec('pragma trusted_schema = off')
    return { writer, reader }
  } catch (thrown) {
    writer.close()
    throw thrown
  }
}

// Made before SQLite sees it, so that its log files inherit the mode. Never opened when it is there already: closing any
// descriptor of a database file drops the locks that SQLite holds on it in this process.
function createFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'wx', 0o600))
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') return
    throw new Failure('store.unavailable', `cannot make ${path}`, { cause: thrown })
  }
}

// Another process may write to the file (a command line tool does): look once a second, for two microseconds.
function watchFile(
  reader: SqliteFile,
  clock: Clock,
  headNow: () => number,
  hear: (head: number, at: number) => void,
): () => void {
  let version: unknown
  let cancel = () => {}
  const look = () => {
    cancel = systemClock.after(limits.storeHeartbeatMs.value, look)
    try {
      const at = clock.now()
      const row = reader.run('pragma data_version', []).rows[0]
      if (row?.['data_version'] === version) return
      hear(headNow(), at)
      version = row?.['data_version']
    } catch (thrown) {
      // Nothing was heard, and `freshAt` asks the file by itself: whoever needs to know is refused there and says so.
      if (!(thrown instanceof Failure)) throw thrown
    }
  }
  look()
  return () => cancel()
}

/** Tries until no other process holds the file. Asynchronous: SQLite's own waiting would stop every request. */
async function whenFree<T>(work: () => T): Promise<T> {
  const end = systemClock.now() + limits.storeAnswerMs.value
  for (;;) {
    try {
      return work()
    } catch (thrown) {
      if (!isBusy(thrown) || systemClock.now() > end) throw thrown
      await pause(5)
    }
  }
}

class SqliteDriver implements Driver {
  readonly #files: Files
  readonly #queue: Queue

  constructor(files: Files, inside: Inside) {
    this.#files = files
    this.#queue = createQueue(() => {
      assert(
        !inside.getStore()?.open,
        'db was used inside transact where it must wait for it: use its tx',
      )
    })
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new SqliteLease(this.#files, this.#queue)
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await leaseOf(connection).begin()
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    leaseOf(connection).commit()
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    leaseOf(connection).rollback()
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    leaseOf(connection).rollback()
  }

  async destroy(): Promise<void> {}

  async close(): Promise<void> {
    await this.#queue.close(() => {
      if (this.#files.reader !== this.#files.writer) this.#files.reader.close()
      this.#files.writer.close()
    })
  }
}

function leaseOf(connection: DatabaseConnection): SqliteLease {
  assert(connection instanceof SqliteLease, 'a connection of another driver')
  return connection
}

/** What Kysely takes for a connection: chooses reader or writer for each statement, and holds the writer in a transaction. */
class SqliteLease implements DatabaseConnection {
  readonly #files: Files
  readonly #queue: Queue
  #leave: (() => void) | undefined
  #failed = false

  constructor(files: Files, queue: Queue) {
    this.#files = files
    this.#queue = queue
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    // The rows have the shape that Kysely derived from the query; it types them, the driver does not look.
    return (await this.#execute(query)) as QueryResult<R>
  }

  async #execute(query: CompiledQuery): Promise<QueryResult<Record<string, unknown>>> {
    const { reader, writer } = this.#files
    if (this.#leave) return this.#inTransaction(query)
    if (reader !== writer && readsOnly(query)) return reader.run(query.sql, query.parameters)
    const leave = await this.#queue.enter()
    try {
      return await whenFree(() => {
        const result = writer.run(query.sql, query.parameters)
        if (!writer.inTransaction) return result
        writer.exec('rollback')
        throw new Error('bug: begin a transaction with transact')
      })
    } finally {
      leave()
    }
  }

  // As PostgreSQL does: after one failed statement nothing of the transaction counts, even if the throw was swallowed.
  #inTransaction(query: CompiledQuery): QueryResult<Record<string, unknown>> {
    assert(
      !this.#failed,
      'a statement of this transaction failed before; let its throw end the transaction',
    )
    try {
      return this.#files.writer.run(query.sql, query.parameters)
    } catch (thrown) {
      this.#failed = true
      throw thrown
    }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('bug: the store has no streams: page with a limit')
  }

  async begin(): Promise<void> {
    const leave = await this.#queue.enter()
    try {
      await whenFree(() => this.#files.writer.exec('begin immediate'))
    } catch (thrown) {
      leave()
      throw thrown
    }
    this.#leave = leave
  }

  commit(): void {
    assert(!this.#failed, 'a statement of this transaction failed, and its throw was swallowed')
    this.#files.writer.exec('commit')
    this.#end()
  }

  /** Also after a commit that failed, where SQLite may have rolled back by itself; nothing to do when it went well. */
  rollback(): void {
    if (!this.#leave) return
    try {
      if (this.#files.writer.inTransaction) this.#files.writer.exec('rollback')
    } finally {
      this.#end()
    }
  }

  #end(): void {
    this.#leave?.()
    this.#leave = undefined
  }
}
