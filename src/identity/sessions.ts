import { createHmac } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { hashToken, newToken } from '../base/secret.ts'
import type { Directory, User } from '../directory/directory.ts'
import type { Database } from '../store/store.ts'
import type { Session } from './identity.ts'
import {
  addSession,
  dropSessions,
  endSession,
  type Holder,
  readSession,
  useSession,
} from './records.ts'

/** Browser sessions. */
export interface Sessions {
  start(user: User): Promise<string>
  find(cookie: string, unattended: boolean): Promise<Session | undefined>
  end(cookie: string): Promise<void>
}

/** The user as the directory knows them now; nobody when disabled, gone, or another one under the same name. */
export async function currentUser(
  directory: Pick<Directory, 'find'>,
  holder: Holder,
): Promise<User | undefined> {
  const user = await directory.find(holder.name)
  return user?.enabled && user.id === holder.user ? user : undefined
}

/**
 * Sessions end by age and by idleness, both told from stored instants: no timer to lose, and a clock set forward ends
 * them early. One from the future, after a clock was set back, is not believed either.
 */
export function createSessions(given: {
  db: Database
  directory: Pick<Directory, 'find'>
  clock: Clock
}): Sessions {
  const { db, directory, clock } = given
  const lifeMs = limits.sessionLifeMs.value
  const idleMs = limits.sessionIdleMs.value
  return {
    async start(user) {
      checkEnabled(user)
      const now = clock.now()
      const cookie = newToken()
      await dropSessions(db, now - lifeMs, now - idleMs)
      await addSession(db, hashToken(cookie), { user: user.id, name: user.name }, now)
      return cookie
    },
    async find(cookie, unattended) {
      if (!isToken(cookie)) return undefined
      const hash = hashToken(cookie)
      const row = await readSession(db, hash)
      const now = clock.now()
      if (!row || now < row.startedAt - limits.clockSkewMs.value) return undefined
      const expiresAt = Math.min(row.startedAt + lifeMs, row.usedAt + idleMs)
      if (now >= expiresAt) return undefined
      const user = await currentUser(directory, row)
      if (!user) return undefined
      const noted = !unattended && now - row.usedAt >= limits.sessionNoteMs.value
      if (noted) await useSession(db, hash, now)
      // Derived, so it needs no column: who has the cookie can compute it, who sees it cannot get back to the cookie.
      const csrf = createHmac('sha256', cookie).update('csrf').digest('base64url')
      const until = unattended ? expiresAt : Math.min(row.startedAt + lifeMs, now + idleMs)
      return { user, expiresAt: until, csrf }
    },
    async end(cookie) {
      if (isToken(cookie)) await endSession(db, hashToken(cookie))
    },
  }
}

/** The shape of `newToken`; anything else is not worth a query. */
export function isToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}

/** Refuses to hand a session or token to a disabled user, whatever the caller thought. */
export function checkEnabled(user: User): void {
  if (!user.enabled) throw new Failure('credentials.refused', 'the account is disabled')
}
