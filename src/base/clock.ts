import { limits } from './limits.ts'

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** The only source of time. Pure files get an `Instant` as an argument instead. */
export interface Clock {
  now(): Instant
  /** Milliseconds from some start, which no setting of the clock moves; absent where nobody sets it. */
  steady?(): number
  /** Runs `ring` once, `ms` from now; the timer keeps no process alive. Returns its cancellation. */
  after(ms: number, ring: () => void): () => void
}

const longestTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  after(ms, ring) {
    if (ms > longestTimerMs) {
      let cancel = systemClock.after(longestTimerMs, () => {
        cancel = systemClock.after(ms - longestTimerMs, ring)
      })
      return () => cancel()
    }
    const timer = setTimeout(ring, Math.max(0, ms))
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Resolves once everybody else who waits has had a turn of the event loop. */
export const endTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Does `work` on one after another, however many, and lets others have their turn in between. */
export async function inTurns<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let count = 0
  for (const item of items) {
    work(item)
    count += 1
    if (count % limits.rowsPerTurn.value === 0) await endTurn()
  }
}

/** A clock that stands until told: for tests and for judging at another moment. */
export interface ManualClock extends Clock {
  advance(ms: number): void
}

export function createManualClock(start: Instant): ManualClock {
  let now = start
  let timers: { at: Instant; ring: () => void }[] = []
  return {
    now: () => now,
    after(ms, ring) {
      const timer = { at: now + Math.max(0, ms), ring }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        timers = timers.filter((timer) => timer !== next)
        now = Math.max(now, next.at)
        next.ring()
      }
      now = end
    },
  }
}

/** Something that ends by itself. */
export interface Ends {
  /** Its second, as `EndsBySecond` gave it. */
  second: number
  late(): void
}

/**
 * Ends that may come up to a second late, never early: one timer for all of the same second, since ten thousand held requests
 * would have one each.
 */
export class EndsBySecond<E extends Ends> {
  readonly #clock: Clock
  readonly #due = new Map<number, { readonly all: Set<E>; readonly cancel: () => void }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `late` of this one `ms` from now. */
  add(one: E, ms: number): void {
    one.second = Math.ceil((this.#now() + ms) / second)
    this.#at(one.second).add(one)
  }

  /** It has ended otherwise. */
  delete(one: E): void {
    const due = this.#due.get(one.second)
    if (!due?.all.delete(one) || due.all.size > 0) return
    due.cancel()
    this.#due.delete(one.second)
  }

  // A clock that is set meanwhile must not bring two different moments together.
  #now(): number {
    return this.#clock.steady?.() ?? this.#clock.now()
  }

  #at(due: number): Set<E> {
    const known = this.#due.get(due)
    if (known) return known.all
    const all = new Set<E>()
    const cancel = this.#clock.after(due * second - this.#now(), () => {
      // Whoever is taken off meanwhile is not told.
      for (const one of all) one.late()
      if (this.#due.get(due)?.all === all) this.#due.delete(due)
    })
    this.#due.set(due, { all, cancel })
    return all
  }
}

/** Resolves after `ms`, or rejects with the signal's reason. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** Waits in real time; unlike a timer of a clock it keeps the process alive, for waits that nothing else outlasts. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms))
}

/** Starts a stopwatch for what people are told; it reads milliseconds with fractions, whatever happens to the clock. */
export function startStopwatch(): () => number {
  const begun = performance.now()
  return () => performance.now() - begun
}
