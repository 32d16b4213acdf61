import type { Clock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import { hashToken, newToken } from '../base/secret.ts'
import type { Database } from '../store/store.ts'
import type { Identity, LinkPurpose } from './identity.ts'
import { addLink, dropLinks, readLink, useLink } from './records.ts'
import { isToken } from './sessions.ts'

/** One-time links: only their hashes are kept, and a link for one purpose opens no other. */
export function createLinks({
  db,
  clock,
}: {
  db: Database
  clock: Clock
}): Pick<Identity, 'issueLink' | 'redeemLink'> {
  return {
    async issueLink(purpose: LinkPurpose, subject, lifeMs) {
      const now = clock.now()
      const token = newToken()
      await dropLinks(db, now - limits.oneTimeLinkKeepMs.value)
      const hash = hashToken(token)
      await addLink(db, {
        hash,
        purpose,
        subject,
        issuedAt: now,
        expiresAt: now + lifeMs,
        usedAt: null,
      })
      return token
    },
    async redeemLink(purpose, token, keep = false) {
      if (!isToken(token)) return undefined
      const now = clock.now()
      const latestIssue = now + limits.clockSkewMs.value
      const look = keep ? readLink : useLink
      return look(db, { hash: hashToken(token), purpose, now, latestIssue })
    },
  }
}
