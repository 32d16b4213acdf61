import type { Clock, Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { PartnershipId } from '../devices/devices.ts'
import { isRefusal } from './decide.ts'
import type { Deciding } from './deciding.ts'
import type { Decision } from './decision.ts'
import type { Admission } from './gate.ts'
import type { HeldAdmissions } from './held.ts'
import type { AccessRequest } from './request.ts'

/** How often one request may find that the world changed while its decision was being saved. */
const rounds = 5

const never = new AbortController().signal

/** An admission to nothing. */
export function refuse(decision: Decision): Admission {
  return { decision, withdrawn: never, heed: () => {}, release: () => {} }
}

/** Decides on a client that is known, and holds the decision; most are kept already, so that nobody has to wait. */
export function createEntering(given: {
  deciding: Pick<Deciding, 'decideNow' | 'keeping'>
  held: HeldAdmissions
  clock: Clock
}): (request: AccessRequest, since: Instant) => Admission | Promise<Admission> {
  const { deciding, held, clock } = given
  const { decideNow, keeping } = deciding

  /** As decided, where that is kept already: without a break, so that no news comes in between. */
  function enter(partnership: PartnershipId): Admission | { readonly unkept: Decision } {
    const decision = decideNow(partnership)
    if (isRefusal(decision)) return refuse(decision)
    if (!keeping.isKept(partnership, decision)) return { unkept: decision }
    keeping.count(partnership)
    return held.hold(partnership, decision)
  }

  /** Keeps what was decided, and decides again: the world may have changed while it was being saved. */
  async function keep(request: AccessRequest, first: Decision, since: Instant): Promise<Admission> {
    const { partnership, user } = request
    let decision = first
    for (let round = 0; round < rounds; round++) {
      const latencyMs = Math.max(0, clock.now() - since)
      await keeping.keep([{ partnership, user, decision, latencyMs }], { onlyKnown: false })
      const entered = enter(partnership)
      if (!('unkept' in entered)) return entered
      decision = entered.unkept
    }
    throw new Failure('internal', 'the decision differed each time it was saved')
  }

  return (request, since) => {
    const entered = enter(request.partnership)
    return 'unkept' in entered ? keep(request, entered.unkept, since) : entered
  }
}
