import { type Clock, second } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { PartnershipId } from '../devices/devices.ts'
import { refusal } from './decide.ts'
import type { Decision } from './decision.ts'
import type { Admission, Ear } from './gate.ts'
import { saysTheSame } from './keeping.ts'
import type { Reviews } from './reviews.ts'

/** An admission in use. Its signal is made when it is first asked for: most requests are over before anybody does. */
class Holding implements Admission {
  readonly decision: Decision
  readonly #partnership: PartnershipId
  readonly #drop: (partnership: PartnershipId, holding: Holding) => void
  /** Another one of the same partnership: hardly ever more than one. */
  next: Holding | undefined
  #controller: AbortController | undefined
  #ear: Ear | undefined
  #isWithdrawn = false

  constructor(
    partnership: PartnershipId,
    decision: Decision,
    drop: (partnership: PartnershipId, holding: Holding) => void,
    next: Holding | undefined,
  ) {
    this.decision = decision
    this.#partnership = partnership
    this.#drop = drop
    this.next = next
  }

  get withdrawn(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#isWithdrawn) this.#controller.abort(withdrawal)
    }
    return this.#controller.signal
  }

  heed(ear: Ear): void {
    if (this.#isWithdrawn) ear.withdrawn()
    else this.#ear = ear
  }

  withdraw(): void {
    this.#isWithdrawn = true
    this.#controller?.abort(withdrawal)
    this.#ear?.withdrawn()
  }

  release(): void {
    this.#ear = undefined
    this.#drop(this.#partnership, this)
  }
}

// One for all: making an error collects a stack, which would be most of the cost of ending ten thousand connections.
const withdrawal = new Error('access was withdrawn')

/** Partnerships that are looked at in one turn of the event loop. */
const slice = 100

/** Mail is mail, whatever the reason; who is kept from it is told why, and must hear of another reason. */
function meansTheSame(held: Decision, now: Decision): boolean {
  if (held.outcome !== now.outcome || held.enforced !== now.enforced) return false
  return held.outcome === 'allow' || saysTheSame(held, now)
}

interface Given {
  readonly clock: Clock
  readonly log: Log
  readonly decideNow: (partnership: PartnershipId) => Decision
  /** This node has heard no news for too long. */
  readonly isBehind: () => boolean
  readonly reviews: Reviews
  readonly pause: () => Promise<void>
}

/** Admissions in use on this node, and their end. */
export class HeldAdmissions {
  /** The newest of each partnership. */
  readonly #held = new Map<PartnershipId, Holding>()
  /** Cancels the alarm at which time alone may change the decision; most have none. */
  readonly #alarms = new Map<PartnershipId, () => void>()
  readonly #given: Given
  #watching = false

  constructor(given: Given) {
    this.#given = given
  }

  /** Watches over this decision until it is released or no longer holds. */
  hold(partnership: PartnershipId, decision: Decision): Admission {
    const first = this.#held.get(partnership)
    const holding = new Holding(partnership, decision, this.#drop, first)
    this.#held.set(partnership, holding)
    if (first) return holding
    this.#setAlarm(partnership, decision)
    this.#watchNews()
    return holding
  }

  /** Decides anew on these and withdraws what no longer holds: the first at once, many in slices. */
  review(partnerships: readonly PartnershipId[]): void {
    const { reviews, log } = this.#given
    const review = this.#reviewAll(partnerships).catch((thrown: unknown) => {
      log.error('access.review', thrown)
    })
    reviews.begin(review)
  }

  async #reviewAll(partnerships: readonly PartnershipId[]): Promise<void> {
    const ids = partnerships.filter((id) => this.#held.has(id))
    for (let from = 0; from < ids.length; from += slice) {
      if (from > 0) await this.#given.pause()
      for (const id of ids.slice(from, from + slice)) this.#reviewOne(id)
    }
  }

  #reviewOne(partnership: PartnershipId): void {
    if (!this.#held.has(partnership)) return
    const { decideNow, isBehind, log } = this.#given
    const now = isBehind() ? refusal('behind') : decideNow(partnership)
    for (const holding of this.#heldOf(partnership)) {
      if (meansTheSame(holding.decision, now)) continue
      this.#drop(partnership, holding)
      try {
        holding.withdraw()
      } catch (thrown) {
        // Whoever does not take its own end well must not keep the others from theirs.
        log.error('access.withdraw', thrown, { partnership })
      }
    }
    if (this.#held.has(partnership)) this.#setAlarm(partnership, now)
  }

  /** As they are at this moment: whoever ends may begin again. */
  #heldOf(partnership: PartnershipId): readonly Holding[] {
    const holdings: Holding[] = []
    for (let one = this.#held.get(partnership); one; one = one.next) holdings.push(one)
    return holdings
  }

  #setAlarm(partnership: PartnershipId, { recheckAt }: Decision): void {
    const { clock } = this.#given
    this.#cancelAlarm(partnership)
    if (recheckAt === undefined) return
    const cancel = clock.after(recheckAt - clock.now(), () => this.#reviewOne(partnership))
    this.#alarms.set(partnership, cancel)
  }

  #cancelAlarm(partnership: PartnershipId): void {
    this.#alarms.get(partnership)?.()
    this.#alarms.delete(partnership)
  }

  // A node that hears nothing cannot withdraw; so it ends what it holds once it has heard nothing for too long.
  #watchNews(): void {
    if (this.#watching) return
    this.#watching = true
    this.#given.clock.after(second, () => {
      this.#watching = false
      if (this.#held.size === 0) return
      if (this.#given.isBehind()) this.review([...this.#held.keys()])
      this.#watchNews()
    })
  }

  readonly #drop = (partnership: PartnershipId, holding: Holding): void => {
    const first = this.#held.get(partnership)
    if (first === holding && holding.next) this.#held.set(partnership, holding.next)
    else if (first === holding) {
      this.#held.delete(partnership)
      this.#cancelAlarm(partnership)
    } else {
      let before = first
      while (before && before.next !== holding) before = before.next
      if (before) before.next = holding.next
    }
  }
}
