import type { Instant } from '../base/clock.ts'
import type { Database } from '../store/store.ts'
import type { IdentityTables } from './migrations.ts'

// All the SQL of identity. Each is one statement, so none needs a transaction.

const tables = (db: Database) => db.withTables<IdentityTables>()

/** Who a session or token belongs to, as the directory knew them then. */
export interface Holder {
  readonly user: string
  readonly name: string
}

/** Keeps a new session. */
export async function addSession(
  db: Database,
  hash: string,
  holder: Holder,
  now: Instant,
): Promise<void> {
  const { user, name } = holder
  await tables(db)
    .insertInto('session')
    .values({ hash, user, name, startedAt: now, usedAt: now })
    .execute()
}

/** Takes the room of sessions that ended by their age: nobody else removes an abandoned one. */
export async function dropSessions(
  db: Database,
  startedBefore: Instant,
  usedBefore: Instant,
): Promise<void> {
  await tables(db)
    .deleteFrom('session')
    .where((e) => e.or([e('startedAt', '<', startedBefore), e('usedAt', '<', usedBefore)]))
    .execute()
}

/** The session of this cookie hash. */
export async function readSession(
  db: Database,
  hash: string,
): Promise<IdentityTables['session'] | undefined> {
  return await tables(db)
    .selectFrom('session')
    .selectAll()
    .where('hash', '=', hash)
    .executeTakeFirst()
}

/** Notes that the session is in use. */
export async function useSession(db: Database, hash: string, now: Instant): Promise<void> {
  await tables(db).updateTable('session').set({ usedAt: now }).where('hash', '=', hash).execute()
}

/** Ends one session. */
export async function endSession(db: Database, hash: string): Promise<void> {
  await tables(db).deleteFrom('session').where('hash', '=', hash).execute()
}

/** Keeps a new API token. */
export async function addToken(db: Database, row: IdentityTables['api_token']): Promise<void> {
  await tables(db).insertInto('api_token').values(row).execute()
}

/** The API token of this hash. */
export async function readToken(
  db: Database,
  hash: string,
): Promise<IdentityTables['api_token'] | undefined> {
  return await tables(db)
    .selectFrom('api_token')
    .selectAll()
    .where('hash', '=', hash)
    .executeTakeFirst()
}

/** Ends one API token; false when there is none of this id. */
export async function endToken(db: Database, id: string): Promise<boolean> {
  const gone = await tables(db)
    .deleteFrom('api_token')
    .where('id', '=', id)
    .returning('id')
    .execute()
  return gone.length > 0
}

/** The sign-in names under which the user has sessions or tokens. */
export async function namesOf(db: Database, user: string): Promise<readonly string[]> {
  const sessions = tables(db).selectFrom('session').select('name').where('user', '=', user)
  const tokens = tables(db).selectFrom('api_token').select('name').where('user', '=', user)
  const rows = await sessions.union(tokens).execute()
  return rows.map((row) => row.name)
}

/** Ends every session and token of the user. */
export async function endAll(db: Database, user: string): Promise<void> {
  await tables(db).deleteFrom('session').where('user', '=', user).execute()
  await tables(db).deleteFrom('api_token').where('user', '=', user).execute()
}

/** Keeps a new one-time link. */
export async function addLink(db: Database, row: IdentityTables['one_time_link']): Promise<void> {
  await tables(db).insertInto('one_time_link').values(row).execute()
}

/** Drops links that ended long ago. */
export async function dropLinks(db: Database, endedBefore: Instant): Promise<void> {
  await tables(db).deleteFrom('one_time_link').where('expiresAt', '<', endedBefore).execute()
}

/** Which link is presented, and the moments that decide whether it still opens. */
export interface Presented {
  readonly hash: string
  readonly purpose: string
  readonly now: Instant
  /** One issued after this comes from a clock that was set back. */
  readonly latestIssue: Instant
}

/** Uses the link up. One statement, so that of any number who come at once exactly one gets the subject. */
export async function useLink(db: Database, link: Presented): Promise<string | undefined> {
  const row = await tables(db)
    .updateTable('one_time_link')
    .set({ usedAt: link.now })
    .where('hash', '=', link.hash)
    .where('purpose', '=', link.purpose)
    .where('usedAt', 'is', null)
    .where('expiresAt', '>', link.now)
    .where('issuedAt', '<=', link.latestIssue)
    .returning('subject')
    .executeTakeFirst()
  return row?.subject
}

/** Reads what the link would open, and leaves it usable. */
export async function readLink(db: Database, link: Presented): Promise<string | undefined> {
  const row = await tables(db)
    .selectFrom('one_time_link')
    .select('subject')
    .where('hash', '=', link.hash)
    .where('purpose', '=', link.purpose)
    .where('usedAt', 'is', null)
    .where('expiresAt', '>', link.now)
    .where('issuedAt', '<=', link.latestIssue)
    .executeTakeFirst()
  return row?.subject
}
