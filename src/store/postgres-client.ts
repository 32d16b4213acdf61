import { type ClientConfig, DatabaseError, types } from 'pg'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'

/** Where nodes tell each other that there is news; the payload is the node that tells. */
export const channel = 'postern'

const int8 = 20
const numeric = 1700

type Parser = (value: string) => unknown

function parserOf(oid: number, format?: 'text' | 'binary'): Parser {
  if (oid === int8 || oid === numeric) return Number
  return types.getTypeParser(oid, format) as Parser // it returns `any`
}

/** How every connection is made. */
export function clientOptions(url: string): ClientConfig {
  return {
    connectionString: url,
    application_name: 'postern',
    keepAlive: true,
    // Before our own patience ends, so that what the statement waited for is named by the server.
    statement_timeout: limits.storeAnswerMs.value - limits.storeHeartbeatMs.value,
    types: {
      // Counts, sums and moments are numbers, as SQLite gives them. On these connections only.
      getTypeParser: parserOf as typeof types.getTypeParser, // its overloads differ in `format` only
    },
  }
}

// SQLSTATE codes and classes that speak of the connection, the server or another session, not of the statement.
const worldly = ['08', '25006', '25P03', '28', '3D', '40', '53', '55', '57', '58', 'XX']

/** What PostgreSQL threw: `store.unavailable` where the world is the cause, itself where the statement is. */
export function codedPostgres(thrown: unknown): unknown {
  if (thrown instanceof Failure || isStatementFault(thrown)) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? `, ${String(thrown.code)}` : ''
  return new Failure('store.unavailable', `PostgreSQL cannot answer${code}`, { cause: thrown })
}

/** True when nothing more should be asked over the connection that threw this. */
export function losesConnection(thrown: unknown): boolean {
  if (!(thrown instanceof DatabaseError)) return !isStatementFault(thrown)
  // 25006: this server has become a standby; another connection may find the one that writes.
  return thrown.severity === 'FATAL' || thrown.code === '25006'
}

function isStatementFault(thrown: unknown): boolean {
  if (!(thrown instanceof DatabaseError)) return thrown instanceof TypeError
  return !worldly.some((start) => thrown.code?.startsWith(start))
}
