import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { QueryResult } from 'kysely'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'

type Row = Record<string, unknown>

interface Prepared {
  readonly statement: StatementSync
  readonly givesRows: boolean
}

/** One connection to a database file: synchronous, with its prepared statements at hand. */
export class SqliteFile {
  readonly #db: DatabaseSync
  // In order of last use, so that the first is the one to drop.
  readonly #prepared = new Map<string, Prepared>()

  constructor(path: string, options: { readOnly: boolean }) {
    this.#db = coded(() => new DatabaseSync(path, { ...options, timeout: 0 }))
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction
  }

  exec(sql: string): void {
    coded(() => this.#db.exec(sql))
  }

  run(sql: string, parameters: readonly unknown[]): QueryResult<Row> {
    if (!this.#db.isOpen) throw new Failure('store.unavailable', 'the store is stopped')
    return coded(() => {
      const { statement, givesRows } = this.#prepare(sql)
      const values = parameters.map(toSqlite)
      if (!givesRows) {
        const { changes } = statement.run(...values)
        return { rows: [], numAffectedRows: BigInt(changes) }
      }
      // Copied, as SQLite's rows have no prototype and would equal no row of the other engine.
      const rows = statement.all(...values).map((row) => ({ ...row }))
      return { rows, numAffectedRows: BigInt(rows.length) }
    })
  }

  close(): void {
    this.#prepared.clear()
    coded(() => this.#db.close())
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql)
    if (known) {
      this.#prepared.delete(sql)
      this.#prepared.set(sql, known)
      return known
    }
    const statement = this.#db.prepare(sql)
    const prepared = { statement, givesRows: statement.columns().length > 0 }
    this.#prepared.set(sql, prepared)
    const [oldest] = this.#prepared.keys()
    if (oldest !== undefined && this.#prepared.size > limits.sqliteStatements.value)
      this.#prepared.delete(oldest)
    return prepared
  }
}

// Strict here, as node:sqlite would take an object for named parameters and keep null. Whole numbers go in as such: it
// binds every number as floating point, which a text column would then keep as '5.0'.
function toSqlite(value: unknown): SQLInputValue {
  if (typeof value === 'number' && Number.isFinite(value))
    return Number.isSafeInteger(value) ? BigInt(value) : value
  if (value === null || typeof value === 'string' || typeof value === 'bigint') return value
  if (value instanceof Uint8Array) return value
  throw new TypeError(`no column of the store takes a value of type ${typeof value}`)
}

// Result codes that speak of the disk, the file or another process, not of the statement.
const worldly = new Map([
  [5, 'another process holds the database'],
  [6, 'another process holds the database'],
  [8, 'the database cannot be written'],
  [10, 'the disk failed'],
  [11, 'the database file is damaged'],
  [13, 'the disk is full'],
  [14, 'the database cannot be opened'],
  [26, 'the file is not a database'],
])

function primaryCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return undefined
  return typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : undefined
}

function coded<T>(work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    const detail = worldly.get(primaryCode(thrown) ?? 0)
    if (detail === undefined) throw thrown
    throw new Failure('store.unavailable', detail, { cause: thrown })
  }
}

/** True when another process holds the file just now. */
export function isBusy(thrown: unknown): boolean {
  return thrown instanceof Failure && primaryCode(thrown.cause) === 5
}
