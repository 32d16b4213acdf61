import { type Clock, sleep, systemClock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'

/** The pause before the next try, after this many: doubling up to a longest. */
export function retryDelayMs(tries: number): number {
  const doubled = limits.retryFirstMs.value * 2 ** Math.min(tries, 30)
  return Math.min(doubled, limits.retryLongestMs.value)
}

/** The pause before the database is asked again: shorter, since all work waits for it. */
export function askAgainMs(tries: number): number {
  return Math.min(retryDelayMs(tries), limits.storeSilenceMs.value)
}

/** Waits; false when the signal ended the wait early. */
export async function rest(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(clock, ms, signal)
    return true
  } catch (thrown) {
    if (signal.aborted) return false
    throw thrown
  }
}

/** Waits for `work`, but no longer than `ms`; false when it was not done by then. A throw of `work` is the caller's. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let cancel = () => {}
  const late = new Promise<false>((resolve) => {
    cancel = systemClock.after(ms, () => resolve(false))
  })
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    cancel()
  }
}
