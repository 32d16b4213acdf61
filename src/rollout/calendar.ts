import { day, type Instant, minute } from '../base/clock.ts'

/** When waves are: once a day at most, at an hour of a place. */
export interface Calendar {
  /** Minutes after midnight. */
  readonly minuteOfDay: number
  /** IANA name, for example `Europe/Berlin`. */
  readonly zone: string
  /** From Monday to Friday only. */
  readonly weekdaysOnly: boolean
}

/** Days as people of a place count them; a day is the number of midnights since 1970-01-01. */
export interface Days {
  /** On which day a moment is, there. */
  dayOf(at: Instant): number
  /** The hour of waves on this day; where the clocks skip it, as long after their change as it would be after midnight. */
  momentOn(day: number): Instant
  /** This day, or the first after it that has a wave. */
  open(day: number): number
  /** The first moment of a wave after `at`, on none of the days up to `notBefore`. */
  nextMoment(at: Instant, notBefore?: number): Instant
}

/** Whether clocks of this name are known here. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch (thrown) {
    // What the platform says of a name that it does not know.
    if (thrown instanceof RangeError) return false
    throw thrown
  }
}

/** The days of a calendar. Throws a `RangeError` where the zone is not known. */
export function daysOf({ minuteOfDay, zone, weekdaysOnly }: Calendar): Days {
  const shown = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  /** What the clocks there show, as if it were UTC. */
  const wallAt = (at: Instant): number => {
    const parts = new Map(shown.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0
    return Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    )
  }
  const offsetAt = (at: Instant) => wallAt(at) - Math.floor(at / 1000) * 1000

  const momentOn = (number: number): Instant => {
    const wall = number * day + minuteOfDay * minute
    // Offsets of the day before and after: clocks change once in between at most.
    const [early, late] = [wall - offsetAt(wall - day), wall - offsetAt(wall + day)]
    return [early, late].find((at) => wallAt(at) === wall) ?? Math.max(early, late)
  }
  const open = (number: number): number => {
    if (!weekdaysOnly) return number
    // 1970-01-01 was a Thursday, the fourth day of a week that begins on Sunday.
    const weekday = (((number + 4) % 7) + 7) % 7
    return number + (weekday === 6 ? 2 : weekday === 0 ? 1 : 0)
  }
  const dayOf = (at: Instant) => Math.floor(wallAt(at) / day)
  return {
    dayOf,
    momentOn,
    open,
    nextMoment(at, notBefore = -Infinity) {
      let next = open(Math.max(dayOf(at), notBefore + 1))
      while (momentOn(next) <= at) next = open(next + 1)
      return momentOn(next)
    },
  }
}
