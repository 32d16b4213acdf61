import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { DecisionTable } from './conditions/table.ts'
import { Alike } from './alike.ts'
import type { Watching } from './watching.ts'
import { decide, refusal } from './decide.ts'
import type { Decision } from './decision.ts'
import type { Keeping } from './keeping.ts'
import type { Live } from './live.ts'
import type { Places } from './places.ts'
import type { Reviews } from './reviews.ts'

/** What the doors' side and the administrator's side of one node decide with. */
export interface Deciding {
  readonly live: Live
  readonly keeping: Keeping
  readonly places: Places
  readonly table: DecisionTable
  readonly watching: Watching
  readonly reviews: Reviews
  /** What holds at this moment by the snapshot. Never throws: a fault is a refusal. */
  decideNow(partnership: PartnershipId): Decision
}

/** Deciding by this snapshot. */
export function createDeciding(given: {
  live: Live
  keeping: Keeping
  places: Places
  table: DecisionTable
  watching: Watching
  reviews: Reviews
  clock: Clock
  log: Log
}): Deciding {
  const { live, keeping, places, table, watching, reviews, clock, log } = given
  const alike = new Alike()
  return {
    live,
    keeping,
    places,
    table,
    watching,
    reviews,
    decideNow(partnership) {
      try {
        const client = live.snapshot.client(partnership)
        const now = clock.now()
        const known = client?.decided(now)
        if (known) return known
        if (!client?.circumstances) return refusal('unknown')
        const made = decide(client.circumstances, live.snapshot.policies, now, table)
        const decision = alike.share(made)
        client.decide(decision, now)
        return decision
      } catch (thrown) {
        return refusal('internal', log.error('access.decide', thrown, { partnership }))
      }
    },
  }
}
