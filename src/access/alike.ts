import type { Decision } from './decision.ts'
import { isSameDecision } from './keeping.ts'

/** Ways to a decision that are remembered: a fleet knows some dozens. */
const most = 1000

/**
 * Decisions that say the same by the same way become one object: most of a fleet is decided alike, and each client would
 * keep reasons and a path of its own.
 */
export class Alike {
  readonly #byWay = new Map<string, Decision>()

  /** The decision itself, or one that says the same in every word. */
  share(decision: Decision): Decision {
    // What policies said of it is seldom the same, and long to compare.
    if (decision.policies) return decision
    const way = decision.path.join(' ')
    const known = this.#byWay.get(way)
    if (known && isSameDecision(known, decision)) return known
    if (this.#byWay.size >= most) this.#byWay.clear()
    this.#byWay.set(way, decision)
    return decision
  }
}
