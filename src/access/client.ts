import type { Instant } from '../base/clock.ts'
import type { Partnership } from '../devices/devices.ts'
import type { Decision } from './decision.ts'
import type { Circumstances } from './request.ts'

/**
 * One partnership with what it is decided by and what was decided last: each is made when first asked for, and holds until
 * something that it rests on changes. Most requests change nothing, and are answered by looking here.
 */
export class Client {
  readonly partnership: Partnership
  readonly #look: (partnership: Partnership) => Circumstances | undefined
  #circumstances: Circumstances | undefined
  #decision: Decision | undefined
  #decidedAt: Instant = 0

  constructor(
    partnership: Partnership,
    look: (partnership: Partnership) => Circumstances | undefined,
  ) {
    this.partnership = partnership
    this.#look = look
  }

  /** `undefined` where its user is not known here. */
  get circumstances(): Circumstances | undefined {
    return (this.#circumstances ??= this.#look(this.partnership))
  }

  /** What was decided before, where it holds at this moment: nothing else changing, a decision does until its `recheckAt`. */
  decided(now: Instant): Decision | undefined {
    const decision = this.#decision
    if (!decision || now < this.#decidedAt) return undefined
    return decision.recheckAt === undefined || now < decision.recheckAt ? decision : undefined
  }

  /** Keeps what was decided on the circumstances as they are. */
  decide(decision: Decision, now: Instant): void {
    this.#decision = decision
    this.#decidedAt = now
  }

  /** Something that it is decided by, the policies included, is different now. */
  drop(): void {
    this.#circumstances = undefined
    this.#decision = undefined
  }
}
