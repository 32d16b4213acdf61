import type { Clock, Instant } from '../base/clock.ts'
import type { Id } from '../base/id.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'
import type { Directory, User, UserId } from '../directory/directory.ts'
import type { Follower } from '../store/journal.ts'
import type { Store } from '../store/store.ts'
import { createLinks } from './links.ts'
import { createPasswords, type Passwords } from './passwords.ts'
import { endAll, namesOf } from './records.ts'
import { createSessions, currentUser } from './sessions.ts'
import { createTokens } from './tokens.ts'
import type { Elsewhere } from './verify.ts'

/** What a client says who it is. */
export interface Credentials {
  readonly kind: 'basic'
  readonly name: string
  readonly password: Secret
  /** Client address, for throttling. */
  readonly address: string
}

/** A browser that is signed in. */
export interface Session {
  readonly user: User
  readonly expiresAt: Instant
  /** Double-submit token against cross-site requests. */
  readonly csrf: string
}

/** Names an API token, to revoke it. */
export type TokenId = Id<'tok'>

/** What a one-time link is for; a link for one purpose opens no other. */
export type LinkPurpose = 'admin' | 'portal' | 'enroll'

/** Who is it? Passwords, browser sessions, one-time links and API tokens. */
export interface Identity {
  /**
   * Throws `credentials.refused`, or `credentials.throttled` as a `Throttled` with the time for Retry-After. A right
   * password is remembered for a while, keyed by a secret of this process.
   */
  authenticate(credentials: Credentials): Promise<User>
  /** The user whose password is remembered, where nothing speaks against it; else `authenticate` says. Without a promise. */
  remembered(credentials: Credentials): User | undefined
  /** Returns the cookie value; only its hash is stored. */
  startSession(user: User): Promise<string>
  /** `unattended`: a page asks by itself, which keeps no idle session alive. */
  session(cookie: string, unattended?: boolean): Promise<Session | undefined>
  endSession(cookie: string): Promise<void>
  /** A token for one use, for example the first administrator's link (`admin`) or a notice's link (`portal`). */
  issueLink(purpose: LinkPurpose, subject: string, lifeMs: number): Promise<string>
  /** The subject, once; `undefined` when unknown, used or expired. `keep` reads without using it up. */
  redeemLink(purpose: LinkPurpose, token: string, keep?: boolean): Promise<string | undefined>
  /** A bearer token for the API, shown once; only its hash is stored. */
  issueToken(user: User): Promise<{ readonly id: TokenId; readonly token: string }>
  /** Whose bearer token this is; `undefined` when unknown, revoked, too old, or its user disabled. */
  token(bearer: string): Promise<User | undefined>
  /** False when there is none of this id. */
  revokeToken(id: TokenId): Promise<boolean>
  /** Ends every session and token of the user. */
  signOut(user: UserId): Promise<void>
  stop(): Promise<void>
}

/** Who is told apart, by what, and since when they may not be trusted any more. */
interface Given {
  readonly store: Store
  readonly directory: Pick<Directory, 'find' | 'checkPassword'>
  readonly clock: Clock
  readonly log: Log
  /** For sites whose passwords live in the mail server. */
  readonly elsewhere?: Elsewhere | undefined
  /** Our mail domains: `anna@` one of them may also sign in the user `anna`. */
  readonly mailDomains?: readonly string[] | undefined
}

/**
 * Follows `directory.changed` twice: every node forgets the passwords of the users named, and one node ends the
 * sessions and tokens of the disabled for good, so that enabling the account again revives none.
 */
export async function createIdentity(given: Given): Promise<Identity> {
  const { store, clock } = given
  const { db } = store
  const parts = { ...given, db }
  const sessions = createSessions(parts)
  const heardNews = () => clock.now() - forgetting.freshAt() <= limits.journalLagMs.value
  const passwords = createPasswords({ ...given, heardNews })
  const forgetting = await forget(given, passwords)
  const revoking = await revoke(given)
  return {
    ...createLinks(parts),
    ...createTokens(parts),
    remembered: (credentials) => passwords.remembered(credentials),
    authenticate: (credentials) => passwords.authenticate(credentials),
    startSession: (user) => sessions.start(user),
    session: (cookie, unattended = false) => sessions.find(cookie, unattended),
    endSession: (cookie) => sessions.end(cookie),
    signOut: (user) => endAll(db, user),
    async stop() {
      await Promise.all([forgetting.stop(), revoking.stop()])
    },
  }
}

function forget({ store }: Given, passwords: Passwords): Promise<Follower> {
  return store.journal.follow({
    name: 'identity.passwords',
    kinds: ['directory.changed'],
    durable: false,
    take: async (entry) => passwords.changed(usersOf(entry.body)),
  })
}

function revoke({ store: { db, journal }, directory }: Given): Promise<Follower> {
  return journal.follow({
    name: 'identity.sessions',
    kinds: ['directory.changed'],
    durable: true,
    async take(entry) {
      for (const user of usersOf(entry.body)) {
        for (const name of await namesOf(db, user)) {
          if (!(await currentUser(directory, { user, name }))) await endAll(db, user)
        }
      }
    },
  })
}

function usersOf(body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null || !('users' in body)) return []
  return Array.isArray(body.users) ? body.users.filter((id) => typeof id === 'string') : []
}
