import type { Instant } from '../base/clock.ts'

/** Parts of a window that are counted together, so that a client costs the same however often it comes. */
const parts = 12

interface Counted {
  /** Number of the newest part since the beginning of time. */
  newest: number
  /** Incidents per part, by the part's number modulo `parts`. */
  readonly counts: Uint32Array
}

/**
 * Counts incidents of many subjects within a sliding window. Moves on by a twelfth of the window at a time, so that it
 * forgets a little early and never late.
 */
export class Incidents {
  readonly #most: number
  readonly #subjects = new Map<string, Counted>()

  /** `most`: subjects that are remembered; the one counted first goes first. */
  constructor(most: number) {
    this.#most = most
  }

  /** One more incident; gives how many there are within the window by now. */
  add(subject: string, windowMs: number, now: Instant): number {
    const part = Math.floor(now / (windowMs / parts))
    let counted = this.#subjects.get(subject)
    // A clock that was set back by more than the window begins anew.
    if (!counted || part < counted.newest - parts || part >= counted.newest + parts) {
      counted = { newest: part, counts: new Uint32Array(parts) }
      this.#remember(subject, counted)
    }
    while (counted.newest < part) counted.counts[++counted.newest % parts] = 0
    const at = counted.newest % parts
    counted.counts[at] = (counted.counts[at] ?? 0) + 1
    return counted.counts.reduce((sum, count) => sum + count, 0)
  }

  forget(subject: string): void {
    this.#subjects.delete(subject)
  }

  #remember(subject: string, counted: Counted): void {
    this.#subjects.delete(subject)
    this.#subjects.set(subject, counted)
    const [oldest] = this.#subjects.keys()
    if (this.#subjects.size > this.#most && oldest !== undefined) this.#subjects.delete(oldest)
  }
}
