import type { Instant } from '../base/clock.ts'
import type { UserId } from '../directory/directory.ts'
import { type Calendar, daysOf } from './calendar.ts'

/** How many users one wave moves: a number, a share of the whole pool, or all that are left. */
export type WaveSize = number | `${number}%` | 'rest'

/** Somebody who is not moved yet. */
export interface Candidate {
  readonly user: UserId
  readonly name: string
  /** By the policies in force some client of theirs would lose mail. */
  readonly refused: boolean
}

/** Somebody who was moved, and what became of them. */
export interface Member {
  readonly user: UserId
  readonly wave: number
  readonly movedAt: Instant
  /** Some client of theirs reached mail right before. */
  readonly passed: boolean
  /** A client of theirs that reached mail was refused while they were observed. */
  readonly refusedAt?: Instant
  /** An administrator has seen the refusal, and gone on. */
  readonly accepted: boolean
}

/** How far a rollout is. */
export interface Progress {
  readonly sizes: readonly WaveSize[]
  /** Waves that were made. */
  readonly waves: number
  /** Users whom they moved. */
  readonly moved: number
}

/** The harmless first, then by name. */
export function inOrder(candidates: readonly Candidate[]): readonly Candidate[] {
  const key = ({ name }: Candidate) => name.toLowerCase()
  return [...candidates].sort(
    (a, b) =>
      Number(a.refused) - Number(b.refused) || compare(key(a), key(b)) || compare(a.user, b.user),
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** How many the next wave moves at most; the last size holds for all waves that follow. At least one. */
export function sizeOfNext({ sizes, waves, moved }: Progress, left: number): number {
  const size = sizes[Math.min(waves, sizes.length - 1)] ?? 0
  if (size === 'rest') return left
  const whole = moved + left
  const wanted = typeof size === 'number' ? size : (Number(size.slice(0, -1)) * whole) / 100
  return Math.min(left, Math.max(1, Math.ceil(wanted)))
}

/** Whom the next wave moves. */
export function nextWave(
  progress: Progress,
  candidates: readonly Candidate[],
): readonly Candidate[] {
  return inOrder(candidates).slice(0, sizeOfNext(progress, candidates.length))
}

/** What was seen of those who are observed at this moment. */
export interface Watch {
  /** They reached mail before. */
  readonly observed: number
  /** Of these: they were refused since, and nobody has accepted that. */
  readonly refused: number
}

/** Counts those who were moved within the time of observation. */
export function watchOf(members: Iterable<Member>, at: Instant, observeMs: number): Watch {
  let [observed, refused] = [0, 0]
  for (const { movedAt, passed, refusedAt, accepted } of members) {
    if (movedAt < at - observeMs) continue
    if (passed || refusedAt !== undefined) observed += 1
    if (refusedAt !== undefined && !accepted) refused += 1
  }
  return { observed, refused }
}

/** Whether more were refused than a rollout goes on with. */
export const isTooMany = ({ observed, refused }: Watch, mostPercent: number): boolean =>
  refused * 100 > observed * mostPercent

/** A wave to come, as things are now. */
export interface Foreseen {
  readonly number: number
  readonly at: Instant
  readonly users: number
  /** Of these: some client would lose mail. */
  readonly refused: number
}

/** The waves to come until nobody is left, of which the first is at `from`; nobody is refused in time to pause them. */
export function foresee(
  progress: Progress,
  candidates: readonly Candidate[],
  { calendar, from }: { calendar: Calendar; from: Instant },
): readonly Foreseen[] {
  const days = daysOf(calendar)
  const rest = inOrder(candidates)
  const foreseen: Foreseen[] = []
  let { waves, moved } = progress
  let day = days.dayOf(from)
  for (let taken = 0; taken < rest.length; ) {
    const size = sizeOfNext({ ...progress, waves, moved }, rest.length - taken)
    const users = rest.slice(taken, taken + size)
    taken += size
    moved += size
    waves += 1
    foreseen.push({
      number: waves,
      at: foreseen.length === 0 ? from : days.momentOn(day),
      users: size,
      refused: users.filter(({ refused }) => refused).length,
    })
    day = days.open(day + 1)
  }
  return foreseen
}
