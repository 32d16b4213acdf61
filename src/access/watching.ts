import { type Clock, minute } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Store } from '../store/store.ts'
import { Incidents } from './incidents.ts'
import type { Live } from './live.ts'
import type { AutoblockBehavior, AutoblockThreshold } from './policy.ts'
import { saveAutoblock } from './records.ts'
import type { AccessRequest } from './request.ts'

/** Watches what clients do, on this node, and keeps out who runs wild. */
export interface Watching {
  /**
   * Notes a request. Resolves when the block that it may bring upon the client holds on this node; `undefined` where nothing
   * is watched.
   */
  request(request: AccessRequest): Promise<void> | undefined
  /** Notes that serving the client failed by a fault of ours. */
  fault(partnership: PartnershipId): Promise<void>
}

/** Watching by the thresholds in force; where there are none, nothing is counted. */
export function createWatching(given: { store: Store; live: Live; clock: Clock }): Watching {
  const { store, live, clock } = given
  const incidents = new Incidents(limits.partnershipsKnown.value)
  const agents = new Map<PartnershipId, string>()

  const inForce = () =>
    live.snapshot.policies.autoblock.filter(({ incidenceLimit }) => incidenceLimit > 0)

  async function note(
    partnership: PartnershipId,
    thresholds: readonly AutoblockThreshold[],
    behaviors: readonly AutoblockBehavior[],
  ): Promise<void> {
    const now = clock.now()
    const running = live.snapshot.circumstances(partnership)?.autoblock
    // What a client does while it is kept out does not keep it out longer.
    if (running && now < running.until) return
    for (const behavior of behaviors) {
      const threshold = thresholds.find((one) => one.behavior === behavior)
      if (!threshold) continue
      const subject = `${partnership} ${behavior}`
      const count = incidents.add(subject, threshold.incidenceMinutes * minute, now)
      if (count < threshold.incidenceLimit) continue
      incidents.forget(subject)
      const until = now + threshold.blockMinutes * minute
      await store.transact(async (tx) => {
        await saveAutoblock(tx, partnership, { threshold: { ...threshold, behavior }, until })
        await store.journal.append(tx, 'access.autoblock', { partnership })
      })
      await live.caughtUp()
      return
    }
  }

  /** Compared with what this node saw before: the first request says nothing. */
  function changesAgent(partnership: PartnershipId, userAgent: string): boolean {
    const before = agents.get(partnership)
    agents.delete(partnership)
    agents.set(partnership, userAgent)
    const [oldest] = agents.keys()
    if (agents.size > limits.partnershipsKnown.value && oldest) agents.delete(oldest)
    return before !== undefined && before !== userAgent
  }

  return {
    request({ partnership, command, userAgent }) {
      if (live.snapshot.policies.autoblock.length === 0 || command === undefined) return undefined
      const thresholds = inForce()
      if (thresholds.length === 0) return undefined
      const changes = userAgent ? changesAgent(partnership, userAgent) : false
      return note(partnership, thresholds, [
        ...(changes ? (['UserAgentsChanges'] as const) : []),
        ...(command === 'Sync' ? (['SyncCommands'] as const) : []),
        'RecentCommands',
      ])
    },
    fault: (partnership) => note(partnership, inForce(), ['Watsons']),
  }
}
