import type { Instant } from '../base/clock.ts'
import type { Failure } from '../base/failures.ts'

interface Waiter {
  readonly head: number
  resolve(): void
  reject(reason: Failure): void
}

/** How far a follower is, and up to which moment that makes it fresh. */
export class Progress {
  /** The last number known to be committed. */
  head = 0
  /** Every entry up to here was taken, or is of a kind that this follower does not take. */
  cursor = 0
  /** Every entry committed before this moment was taken. */
  fresh: Instant
  // Heads that were asked for at a moment. The first is in reach, the last is the newest; what was heard in between says
  // less than the last. Keeping only the newest would never be fresh on a follower that is always a little behind.
  #goals: { readonly head: number; readonly at: Instant }[] = []
  readonly #waiters = new Set<Waiter>()

  constructor(fresh: Instant) {
    this.fresh = fresh
  }

  get behind(): boolean {
    return this.head > this.cursor
  }

  /** Every entry committed before `at` is at most `head`. */
  hear(head: number, at: Instant): void {
    if (this.#goals.length > 1) this.#goals.pop()
    this.#goals.push({ head, at })
    this.head = Math.max(this.head, head)
    this.#reach()
  }

  /**
   * The entries `first` to `last` were committed, none of them before `at`; `taken`: none is for this follower. Where
   * they join on to what was taken, no other entry can lie between, as writers take turns.
   */
  committed(first: number, last: number, at: Instant, taken: boolean): void {
    const joins = first === this.head + 1 && !this.behind
    this.head = Math.max(this.head, last)
    if (!joins) return
    this.fresh = at
    if (taken) this.moveTo(last)
  }

  moveTo(seq: number): void {
    this.cursor = Math.max(this.cursor, seq)
    this.#reach()
  }

  /** Resolves once the cursor is at `head`. */
  async reached(head: number): Promise<void> {
    if (head <= this.cursor) return
    this.head = Math.max(this.head, head)
    await new Promise<void>((resolve, reject) => this.#waiters.add({ head, resolve, reject }))
  }

  /** Nothing more will be taken. */
  end(reason: Failure): void {
    for (const waiter of this.#waiters) waiter.reject(reason)
    this.#waiters.clear()
  }

  #reach(): void {
    for (let goal = this.#goals[0]; goal && goal.head <= this.cursor; goal = this.#goals[0]) {
      this.fresh = goal.at
      this.#goals.shift()
    }
    for (const waiter of this.#waiters) {
      if (waiter.head > this.cursor) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }
}
