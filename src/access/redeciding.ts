import type { Clock, Instant } from '../base/clock.ts'
import type { PartnershipId } from '../devices/devices.ts'
import { isRefusal } from './decide.ts'
import type { Decision } from './decision.ts'
import type { Fresh, Keeping } from './keeping.ts'
import type { Live } from './live.ts'
import type { Reviews } from './reviews.ts'

/** Deciding again, without a request, what was decided before. */
export interface Redeciding {
  /** Whatever changed in the snapshot since the last call; `since`: when the news was made. */
  drain(since: Instant): Promise<void>
  some(partnerships: readonly PartnershipId[], since: Instant): Promise<void>
}

/** Partnerships per turn of the event loop and per transaction: some milliseconds each. */
const slice = 100

/**
 * Decides again and keeps what differs. What changed is remembered from the snapshot itself and begins with everyone:
 * so nothing is missed when this node takes over, or restarts with new rules.
 */
export function createRedeciding(given: {
  live: Live
  keeping: Keeping
  decideNow: (partnership: PartnershipId) => Decision
  reviews: Reviews
  clock: Clock
  pause: () => Promise<void>
}): Redeciding {
  const { live, keeping, decideNow, reviews, clock, pause } = given
  const changed = new Set(live.snapshot.partnerships())
  live.onChange((ids) => {
    for (const id of ids) changed.add(id)
  })

  async function some(ids: readonly PartnershipId[], since: Instant): Promise<void> {
    for (let from = 0; from < ids.length; from += slice) {
      // Nobody keeps reading mail while it is written down why they may not.
      await reviews.passed()
      if (from > 0) await pause()
      const fresh: Fresh[] = []
      for (const partnership of ids.slice(from, from + slice)) {
        const decision = decideNow(partnership)
        const user = live.snapshot.circumstances(partnership)?.user.id
        if (!user || isRefusal(decision) || keeping.isKept(partnership, decision)) continue
        fresh.push({ partnership, user, decision, latencyMs: Math.max(0, clock.now() - since) })
      }
      if (fresh.length > 0) await keeping.keep(fresh, { onlyKnown: true })
    }
  }

  return {
    some,
    async drain(since) {
      const ids = [...changed]
      changed.clear()
      try {
        await some(ids, since)
      } catch (thrown) {
        // The follower comes again with the same news, and must find them.
        for (const id of ids) changed.add(id)
        throw thrown
      }
    },
  }
}
