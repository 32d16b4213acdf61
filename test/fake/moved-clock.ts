import { type Clock, systemClock } from '../../src/base/clock.ts'

/** The system's clock, some time ahead: it goes on by itself, and jumps when told. */
export interface MovedClock extends Clock {
  /** Jumps ahead; timers that are due by then ring at once. */
  move(ms: number): void
}

interface Timer {
  readonly at: number
  readonly ring: () => void
  cancel: () => void
}

/** Begins at the real time. */
export function createMovedClock(): MovedClock {
  let ahead = 0
  const timers = new Set<Timer>()
  const now = () => systemClock.now() + ahead
  const set = (timer: Timer) => {
    timer.cancel = systemClock.after(Math.max(0, timer.at - now()), () => {
      timers.delete(timer)
      timer.ring()
    })
  }
  return {
    now,
    after(ms, ring) {
      const timer: Timer = { at: now() + Math.max(0, ms), ring, cancel: () => {} }
      timers.add(timer)
      set(timer)
      return () => {
        timers.delete(timer)
        timer.cancel()
      }
    },
    move(ms) {
      ahead += ms
      for (const timer of timers) {
        timer.cancel()
        set(timer)
      }
    },
  }
}
