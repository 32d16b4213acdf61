import type { Instant } from '../base/clock.ts'
import type { UserId } from '../directory/directory.ts'
import { withContact } from './contacts.ts'
import type { Partnership, PartnershipId } from './devices.ts'

/** Moment of the index: what was read from the store at a mark may be kept if the mark still stands. */
export type Mark = number

/** Partnerships in memory, by user and folded EAS DeviceId: what makes `partner` cheap. */
export interface Known {
  get(user: UserId, folded: string): Partnership | undefined
  mark(): Mark
  /** Keeps what was read after `mark`, unless anything changed since: then it may be old news already. */
  put(folded: string, partnership: Partnership, mark: Mark): void
  touch(id: PartnershipId, at: Instant, success: boolean): void
  /** The partnership changed or is gone; whatever is being read just now is not kept. */
  drop(id: PartnershipId): void
}

/** An index of at most `most` partnerships; the one put first goes first. */
export function createKnown(most: number): Known {
  const byKey = new Map<string, Partnership>()
  const keys = new Map<PartnershipId, string>()
  let changes = 0

  const remove = (id: PartnershipId) => {
    const key = keys.get(id)
    if (key === undefined) return
    keys.delete(id)
    byKey.delete(key)
  }

  return {
    get: (user, folded) => byKey.get(keyOf(user, folded)),
    mark: () => changes,
    put(folded, partnership, mark) {
      if (mark !== changes) return
      const key = keyOf(partnership.user, folded)
      const old = byKey.get(key)
      if (old) remove(old.id)
      byKey.set(key, partnership)
      keys.set(partnership.id, key)
      const [oldest] = keys.keys()
      if (keys.size > most && oldest !== undefined) remove(oldest)
    },
    touch(id, at, success) {
      const key = keys.get(id)
      const partnership = key === undefined ? undefined : byKey.get(key)
      if (key === undefined || !partnership) return
      const contact = { seenAt: at, successAt: success ? at : undefined }
      byKey.set(key, withContact(partnership, contact))
    },
    drop(id) {
      changes++
      remove(id)
    },
  }
}

// A user id has a fixed length and no space, so no two pairs share a key.
const keyOf = (user: UserId, folded: string) => `${user} ${folded}`
