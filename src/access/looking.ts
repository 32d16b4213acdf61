import type { Clock } from '../base/clock.ts'
import { asFailure, Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Compliance } from '../compliance/compliance.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Live } from './live.ts'
import type { AccessRequest, Circumstances } from './request.ts'

/**
 * Makes the look at what a request is decided by. It waits for news only where something is not known or has run out,
 * and no longer than a node may be without: then it throws `access.behind`. `undefined`: no such client of this user.
 */
export function createLooking(given: {
  live: Live
  compliance: Pick<Compliance, 'check'>
  clock: Clock
  /** Hears of partnerships whose decision may differ through what the request itself tells. */
  changed: (partnerships: readonly PartnershipId[]) => void
}): (request: AccessRequest) => Promise<Circumstances | undefined> {
  const { live, compliance, clock, changed } = given
  const { snapshot } = live

  async function withinLag(news: Promise<void> | undefined): Promise<void> {
    if (!news) return
    const late = Promise.withResolvers<void>()
    const cancel = clock.after(limits.journalLagMs.value, () =>
      late.reject(new Failure('access.behind', 'waited for news in vain')),
    )
    await Promise.race([news, late.promise]).finally(cancel)
  }

  return async ({ partnership, user, policyRefused, address }) => {
    await withinLag(live.settled())
    // The door has just started it; this node hears of it in a moment.
    if (!snapshot.circumstances(partnership)) await withinLag(live.caughtUp())
    if (!snapshot.circumstances(partnership)) await withinLag(live.meetNewcomers())
    if (policyRefused !== undefined && snapshot.policyRefused(partnership) !== policyRefused)
      changed(snapshot.setPolicyRefused(partnership, policyRefused))
    if (address !== undefined && snapshot.address(partnership) !== address)
      changed(snapshot.setAddress(partnership, address))
    const overdue = snapshot.overdueDevice(partnership, clock.now())
    if (overdue) {
      // The alarm rings at this very moment, or is late; either way nobody passes on a verdict that has run out.
      await compliance.check(overdue).catch((thrown: unknown) => {
        // Retired meanwhile: the news of it says the rest.
        if (asFailure(thrown).code !== 'not.found') throw thrown
      })
      await withinLag(live.caughtUp())
    }
    const circumstances = snapshot.circumstances(partnership)
    return circumstances?.user.id === user ? circumstances : undefined
  }
}
