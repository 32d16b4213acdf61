import { randomUUID } from 'node:crypto'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  sql,
} from 'kysely'
import { Pool, type PoolClient } from 'pg'
import type { Clock } from '../base/clock.ts'
import { assert, Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { createEar } from './ear.ts'
import { type Engine, type Inside, readsOnly } from './engine.ts'
import { within } from './patience.ts'
import { channel, clientOptions, codedPostgres, losesConnection } from './postgres-client.ts'
import { postgresProfile } from './profile.ts'

/** Opens the database at `postgres://…`: a pool to ask, and a connection of its own to listen. */
export async function openPostgres(options: {
  url: string
  clock: Clock
  log: Log
  inside: Inside
}): Promise<Engine> {
  const { url, clock, log, inside } = options
  // Said without its cause, which would carry the URL and with it a password.
  if (!URL.canParse(url)) throw new Failure('config.invalid', 'the database URL cannot be read')
  const node = randomUUID()
  const pool = openPool(url, log)
  const driver = new PostgresTurns(pool, inside, log)
  const ear = createEar({ url, node, clock, log })
  const db: Engine['db'] = new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (of) => new PostgresIntrospector(of),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
  const engine: Engine = {
    db,
    profile: postgresProfile,
    watch: (hear) => ear.start(hear),
    seek: (name, told) => ear.seek(name, told),
    async announce(tx) {
      await sql`select pg_notify(${channel}, ${node})`.execute(tx)
    },
    async patiently(work) {
      driver.patient = true
      try {
        return await work()
      } finally {
        driver.patient = false
      }
    },
    async stop() {
      await ear.stop()
      await pool.end()
    },
  }
  await checkDurable(engine, log)
  return engine
}

async function checkDurable({ db, stop }: Engine, log: Log): Promise<void> {
  try {
    const { rows } = await sql<{ fsync: string }>`show fsync`.execute(db)
    if (rows[0]?.fsync !== 'on') log.warn('store.fsync', { fsync: rows[0]?.fsync })
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

function openPool(url: string, log: Log): Pool {
  const pool = new Pool({
    ...clientOptions(url),
    max: limits.postgresConnections.value,
    connectionTimeoutMillis: limits.storeAnswerMs.value,
    // Durable at resolve, whatever the server's default.
    async onConnect(client) {
      await client.query(`select set_config('synchronous_commit', 'on', false)
        where current_setting('synchronous_commit') = 'off'`)
    },
    // A node that freezes in its transaction holds up the writers of all others: the server ends it.
    idle_in_transaction_session_timeout: limits.storeAnswerMs.value,
  })
  // Said by a connection that is lost, idle or at work: its next statement fails, and the pool makes a new connection.
  pool.on('connect', (client) => {
    client.on('error', (thrown) => log.error('store.connection', codedPostgres(thrown)))
  })
  // The pool repeats it for idle ones, and would end the process if nobody heard.
  pool.on('error', () => {})
  return pool
}

/**
 * Hands out connections. Each transaction first waits for its turn: one writer at a time over all nodes, as SQLite has it.
 * So a room that reads and then writes is right on both engines, no transaction meets a deadlock or a conflict,
 * and the journal's numbers follow the order of commits.
 */
class PostgresTurns implements Driver {
  /** While true, statements may take as long as they need. */
  patient = false
  readonly #pool: Pool
  readonly #inside: Inside
  readonly #log: Log

  constructor(pool: Pool, inside: Inside, log: Log) {
    this.#pool = pool
    this.#inside = inside
    this.#log = log
  }

  async init(): Promise<void> {}
  async destroy(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const nested = this.#inside.getStore()?.open === true
    try {
      const client = await this.#pool.connect()
      return new PostgresLease(client, { nested, patient: this.patient })
    } catch (thrown) {
      throw codedPostgres(thrown)
    }
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const lease = leaseOf(connection)
    assert(!lease.nested, 'a transaction was begun inside transact')
    const patience = lease.patient ? 'set local statement_timeout = 0;' : ''
    try {
      await lease.ask(`begin; ${patience}
        select pg_advisory_xact_lock(hashtextextended(coalesce(current_schema(), ''), 0))`)
    } catch (thrown) {
      await this.rollbackTransaction(connection)
      throw thrown
    }
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const { command } = await leaseOf(connection).ask('commit')
    // After a failed statement PostgreSQL answers a commit with a rollback, and calls that a success.
    assert(
      command === 'COMMIT',
      'a statement of this transaction failed, and its throw was swallowed',
    )
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await leaseOf(connection).ask('rollback')
    } catch (thrown) {
      // The server rolls back once the connection is gone; what made this one go is thrown already.
      leaseOf(connection).broken = true
      this.#log.error('store.rollback', thrown)
    }
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    leaseOf(connection).release()
  }
}

function leaseOf(connection: DatabaseConnection): PostgresLease {
  assert(connection instanceof PostgresLease, 'a connection of another driver')
  return connection
}

interface Answer {
  readonly command?: string
  readonly rowCount?: number | null
  readonly rows?: Record<string, unknown>[]
}

/** A connection of the pool for one statement or one transaction. */
class PostgresLease implements DatabaseConnection {
  /** Asked for by code inside a transaction that is not this one. */
  readonly nested: boolean
  readonly patient: boolean
  broken = false
  readonly #client: PoolClient

  constructor(client: PoolClient, state: { nested: boolean; patient: boolean }) {
    this.#client = client
    this.nested = state.nested
    this.patient = state.patient
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    assert(!this.nested || readsOnly(query), 'db was used to write inside transact: use its tx')
    const { command, rowCount, rows } = await this.ask(query.sql, query.parameters)
    return {
      // The rows have the shape that Kysely derived from the query; it types them, the driver does not look.
      rows: (rows ?? []) as R[],
      ...(command !== 'SELECT' && { numAffectedRows: BigInt(rowCount ?? 0) }),
    }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('bug: the store has no streams: page with a limit')
  }

  async ask(text: string, parameters: readonly unknown[] = []): Promise<Answer> {
    if (this.broken) throw new Failure('store.unavailable', 'the connection was lost')
    const answer: Promise<Answer> = this.#client.query(text, [...parameters])
    try {
      if (this.patient || (await within(limits.storeAnswerMs.value, answer))) return await answer
    } catch (thrown) {
      this.broken ||= losesConnection(thrown)
      throw codedPostgres(thrown)
    }
    // What comes of it later says nothing anymore: the connection goes.
    this.broken = true
    throw new Failure('store.unavailable', 'PostgreSQL did not answer in time')
  }

  release(): void {
    this.#client.release(this.broken)
  }
}
