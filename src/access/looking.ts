import type { Clock } from '../base/clock.ts'
import { asFailure, Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Compliance } from '../compliance/compliance.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import type { Live } from './live.ts'
import type { AccessRequest, Circumstances } from './request.ts'

/**
 * Makes the look at what a request is decided by. It waits for news only where something is not known or has run out,
 * and no longer than a node may be without: then it throws `access.behind`; most requests get their answer without waiting.
 * `undefined`: no such client of this user.
 */
export function createLooking(given: {
  live: Live
  compliance: Pick<Compliance, 'check'>
  clock: Clock
  /** Hears of partnerships whose decision may differ through what the request itself tells. */
  changed: (partnerships: readonly PartnershipId[]) => void
}): (request: AccessRequest) => Circumstances | undefined | Promise<Circumstances | undefined> {
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

  /** Takes in what the request itself tells. */
  function hear({ partnership, policyRefused, address }: AccessRequest): Circumstances | undefined {
    const known = snapshot.circumstances(partnership)
    if (!known) return undefined
    if (policyRefused !== undefined && known.eas.policyRefused !== policyRefused)
      changed(snapshot.setPolicyRefused(partnership, policyRefused))
    if (address !== undefined && known.address !== address)
      changed(snapshot.setAddress(partnership, address))
    return snapshot.circumstances(partnership)
  }

  const isDue = (device: Circumstances['device']): boolean =>
    device !== undefined && snapshot.isOverdue(device.id, clock.now())
  const ofUser = (found: Circumstances | undefined, user: UserId) =>
    found?.user.id === user ? found : undefined

  async function wait(request: AccessRequest, news: Promise<void> | undefined) {
    const { partnership, user } = request
    await withinLag(news)
    // The door has just started it; this node hears of it in a moment.
    if (!snapshot.circumstances(partnership)) await withinLag(live.caughtUp())
    if (!snapshot.circumstances(partnership)) await withinLag(live.meetNewcomers())
    const device = hear(request)?.device
    if (device && isDue(device)) {
      // The alarm rings at this very moment, or is late; either way nobody passes on a verdict that has run out.
      await compliance.check(device.id).catch((thrown: unknown) => {
        // Retired meanwhile: the news of it says the rest.
        if (asFailure(thrown).code !== 'not.found') throw thrown
      })
      await withinLag(live.caughtUp())
    }
    return ofUser(snapshot.circumstances(partnership), user)
  }

  return (request) => {
    const news = live.settled()
    if (news) return wait(request, news)
    const found = hear(request)
    return found && !isDue(found.device) ? ofUser(found, request.user) : wait(request, undefined)
  }
}
