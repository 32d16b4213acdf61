import type { Instant } from '../base/clock.ts'

/** How wrong tries turn into waiting. */
export interface TallyRule {
  /** Wrong tries that cost nothing but themselves. */
  readonly free: number
  /** Wait after the first one beyond; doubles with each further one. */
  readonly firstMs: number
  readonly longestMs: number
  /** A subject without a wrong try for so long starts anew; longer than `longestMs`. */
  readonly forgetMs: number
  /** Subjects kept. */
  readonly most: number
}

/** Counts wrong tries per subject and says how long each has to wait. */
export interface Tally {
  /** Milliseconds until the subject may try; 0 is now. */
  waitMs(subject: string, now: Instant): number
  /** Wrong tries on record. */
  wrong(subject: string, now: Instant): number
  /** Returns what takes the charge back: the try was right, or could not be checked. */
  charge(subject: string, now: Instant): () => void
}

interface Charges {
  wrong: number
  /** When the last of them was made; `last` tells which one that is. */
  at: Instant
  last: object
}

/** How many of the longest unheard subjects are looked at for one that waits no more, before a waiting one goes. */
const evictionLooks = 64

/**
 * An in-memory tally. Bounded: the subject unheard for longest goes first, one that still waits only when all its
 * neighbours wait too. To be forgotten, an attacker needs `most` wrong tries under other subjects, and gets back only
 * the free ones: never worth it.
 */
export function createTally(rule: TallyRule): Tally {
  const entries = new Map<string, Charges>()

  const waitOf = (entry: Charges, now: Instant): number => {
    if (entry.wrong <= rule.free) return 0
    const delay = Math.min(rule.longestMs, rule.firstMs * 2 ** (entry.wrong - rule.free - 1))
    // The clock may have been set back: never wait longer than the delay itself.
    return Math.min(delay, Math.max(0, entry.at + delay - now))
  }

  const known = (subject: string, now: Instant) => {
    const entry = entries.get(subject)
    return entry && now - entry.at < rule.forgetMs ? entry : undefined
  }

  const evict = (now: Instant): void => {
    let oldest: string | undefined
    let looks = 0
    for (const [subject, entry] of entries) {
      oldest ??= subject
      if (waitOf(entry, now) === 0) {
        oldest = subject
        break
      }
      if (++looks === evictionLooks) break
    }
    if (oldest !== undefined) entries.delete(oldest)
  }

  return {
    waitMs(subject, now) {
      const entry = known(subject, now)
      return entry ? waitOf(entry, now) : 0
    },
    wrong: (subject, now) => known(subject, now)?.wrong ?? 0,
    charge(subject, now) {
      const earlier = known(subject, now)
      const own = {}
      entries.delete(subject)
      if (entries.size >= rule.most) evict(now)
      entries.set(subject, { wrong: (earlier?.wrong ?? 0) + 1, at: now, last: own })
      return () => {
        const entry = entries.get(subject)
        if (!entry) return
        entry.wrong--
        // As if it had not been: else whoever is right after a wait would begin the next one.
        if (earlier && entry.last === own) entry.at = earlier.at
        if (entry.wrong <= 0) entries.delete(subject)
      }
    },
  }
}
