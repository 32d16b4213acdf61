import { type Clock, sleep } from '../base/clock.ts'

/** Work that is done again after each change, and once for many changes that come together. */
export interface Refresh {
  /** Something changed: what was done before does not count any more. */
  mark(): void
  /** Resolves when work that was begun after the last mark is done; rejects if it fails. `undefined`: it is done. */
  settled(): Promise<void> | undefined
}

interface Waiter {
  readonly mark: number
  resolve(): void
  reject(thrown: unknown): void
}

/**
 * Adding ten thousand members one by one is ten thousand changes, and reading everybody takes tens of milliseconds. So
 * the work rests for twice its own time before it is done again, unless somebody waits for it. `failed` logs and
 * waits; then the work is tried again until it succeeds.
 */
export function createRefresh(given: {
  work: () => Promise<void>
  failed: (thrown: unknown) => Promise<void>
  clock: Clock
  pause: () => Promise<void>
}): Refresh {
  const { work, failed, clock, pause } = given
  let marks = 0
  let done = 0
  let running = false
  let wake = () => {}
  let waiting: Waiter[] = []

  async function once(): Promise<void> {
    const mark = marks
    const begun = clock.now()
    try {
      await work()
      done = mark
      const reached = waiting.filter((waiter) => waiter.mark <= done)
      waiting = waiting.filter((waiter) => waiter.mark > done)
      for (const waiter of reached) waiter.resolve()
      if (done < marks) await rest(2 * (clock.now() - begun))
    } catch (thrown) {
      // Whoever waits is told now: a door must refuse, not hang until the database is back.
      const refused = waiting
      waiting = []
      for (const waiter of refused) waiter.reject(thrown)
      await failed(thrown)
    }
  }

  async function rest(ms: number): Promise<void> {
    if (ms <= 0 || waiting.length > 0) return
    const cut = new AbortController()
    wake = () => cut.abort()
    // Cut short is what it is for.
    await sleep(clock, ms, cut.signal).catch(() => {})
    wake = () => {}
  }

  async function run(): Promise<void> {
    running = true
    while (done < marks) {
      await pause()
      await once()
    }
    running = false
  }

  return {
    mark() {
      marks += 1
      if (!running) void run()
    },
    settled() {
      if (done === marks) return undefined
      return new Promise((resolve, reject) => {
        waiting.push({ mark: marks, resolve, reject })
        wake()
      })
    },
  }
}
