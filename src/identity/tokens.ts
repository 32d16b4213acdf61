import type { Clock } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { limits } from '../base/limits.ts'
import { hashToken, newToken } from '../base/secret.ts'
import type { Directory } from '../directory/directory.ts'
import type { Database } from '../store/store.ts'
import type { Identity } from './identity.ts'
import { addToken, endToken, readToken } from './records.ts'
import { checkEnabled, currentUser, isToken } from './sessions.ts'

/** Bearer tokens of the API, for the command line: like sessions, but without a browser, and for a year. */
export function createTokens({
  db,
  directory,
  clock,
}: {
  db: Database
  directory: Pick<Directory, 'find'>
  clock: Clock
}): Pick<Identity, 'issueToken' | 'token' | 'revokeToken'> {
  return {
    async issueToken(user) {
      checkEnabled(user)
      const now = clock.now()
      const id = newId('tok', now)
      const token = newToken()
      await addToken(db, {
        id,
        hash: hashToken(token),
        user: user.id,
        name: user.name,
        issuedAt: now,
      })
      return { id, token }
    },
    async token(bearer) {
      const row = isToken(bearer) ? await readToken(db, hashToken(bearer)) : undefined
      if (!row) return undefined
      const age = clock.now() - row.issuedAt
      // One from the future, after a clock was set back, cannot be told from one that is too old.
      if (age > limits.apiTokenLifeMs.value || age < -limits.clockSkewMs.value) return undefined
      return currentUser(directory, row)
    },
    revokeToken: (id) => endToken(db, id),
  }
}
