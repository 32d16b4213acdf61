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
  #controller: AbortController | undefined
  #ear: Ear | undefined
  #isWithdrawn = false

  constructor(
    partnership: PartnershipId,
    decision: Decision,
    drop: (partnership: PartnershipId, holding: Holding) => void,
  ) {
    this.decision = decision
    this.#partnership = partnership
    this.#drop = drop
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

/** What is held for one partnership: hardly ever more than two. */
interface Holder {
  readonly holdings: Holding[]
  /** Of the alarm at which time alone may change the decision. */
  cancel: () => void
}

// One for all: making an error collects a stack, which would be most of the cost of ending ten thousand connections.
const withdrawal = new Error('access was withdrawn')

const nothing = () => {}

/** Partnerships that are looked at in one turn of the event loop. */
const slice = 200

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
  readonly #holders = new Map<PartnershipId, Holder>()
  readonly #given: Given
  #watching = false

  constructor(given: Given) {
    this.#given = given
  }

  /** Watches over this decision until it is released or no longer holds. */
  hold(partnership: PartnershipId, decision: Decision): Admission {
    let holder = this.#holders.get(partnership)
    if (!holder) {
      holder = { holdings: [], cancel: nothing }
      this.#holders.set(partnership, holder)
      this.#setAlarm(partnership, holder, decision)
      this.#watchNews()
    }
    const holding = new Holding(partnership, decision, this.#drop)
    holder.holdings.push(holding)
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
    const ids = partnerships.filter((id) => this.#holders.has(id))
    for (let from = 0; from < ids.length; from += slice) {
      if (from > 0) await this.#given.pause()
      for (const id of ids.slice(from, from + slice)) this.#reviewOne(id)
    }
  }

  #reviewOne(partnership: PartnershipId): void {
    const holder = this.#holders.get(partnership)
    if (!holder) return
    const { decideNow, isBehind, log } = this.#given
    const now = isBehind() ? refusal('behind') : decideNow(partnership)
    for (const holding of holder.holdings.filter((one) => !meansTheSame(one.decision, now))) {
      this.#drop(partnership, holding)
      try {
        holding.withdraw()
      } catch (thrown) {
        // Whoever does not take its own end well must not keep the others from theirs.
        log.error('access.withdraw', thrown, { partnership })
      }
    }
    if (holder.holdings.length > 0) this.#setAlarm(partnership, holder, now)
  }

  #setAlarm(partnership: PartnershipId, holder: Holder, { recheckAt }: Decision): void {
    const { clock } = this.#given
    holder.cancel()
    holder.cancel = nothing
    if (recheckAt === undefined) return
    holder.cancel = clock.after(recheckAt - clock.now(), () => this.#reviewOne(partnership))
  }

  // A node that hears nothing cannot withdraw; so it ends what it holds once it has heard nothing for too long.
  #watchNews(): void {
    if (this.#watching) return
    this.#watching = true
    this.#given.clock.after(second, () => {
      this.#watching = false
      if (this.#holders.size === 0) return
      if (this.#given.isBehind()) this.review([...this.#holders.keys()])
      this.#watchNews()
    })
  }

  readonly #drop = (partnership: PartnershipId, holding: Holding): void => {
    const holder = this.#holders.get(partnership)
    const at = holder?.holdings.indexOf(holding) ?? -1
    if (!holder || at < 0) return
    holder.holdings.splice(at, 1)
    if (holder.holdings.length > 0) return
    holder.cancel()
    this.#holders.delete(partnership)
  }
}
