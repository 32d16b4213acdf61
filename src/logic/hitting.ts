import type { Literal } from './solver.ts'

/** Choices tried in search of one smallest set. */
const choices = 2000

/** Sets that come one after another, and a smallest set with a member in each of them. */
export interface Hitting {
  add(set: readonly Literal[]): void
  /** A smallest set that hits all so far; undefined where one is empty, or too much had to be tried. */
  chosen(): ReadonlySet<Literal> | undefined
}

/** Starts without a set to hit. */
export function smallestHit(given: readonly (readonly Literal[])[]): Hitting {
  const sets = given.toSorted((a, b) => a.length - b.length)
  let chosen = new Set<Literal>()
  return {
    add(set) {
      sets.push(set)
      sets.sort((a, b) => a.length - b.length)
    },
    chosen() {
      if (sets[0]?.length === 0) return undefined
      let left = choices
      const isTimeUp = () => --left < 0
      // More sets never need fewer members.
      for (let size = chosen.size; sets.some((set) => !hits(chosen, set)); size++) {
        const trial = new Set<Literal>()
        const done = within(sets, trial, size, isTimeUp)
        if (done === undefined) return undefined
        if (done) chosen = trial
      }
      return chosen
    },
  }
}

const hits = (chosen: ReadonlySet<Literal>, set: readonly Literal[]): boolean =>
  set.some((one) => chosen.has(one))

/** Adds `size` members to `chosen` so that they hit every set: whether that can be; undefined where time was up first. */
function within(
  sets: readonly (readonly Literal[])[],
  chosen: Set<Literal>,
  size: number,
  isTimeUp: () => boolean,
): boolean | undefined {
  const open = sets.filter((set) => !hits(chosen, set))
  const [next] = open
  if (!next) return true
  if (apart(open) > size) return false
  for (const one of next) {
    if (isTimeUp()) return undefined
    chosen.add(one)
    const done = within(open, chosen, size - 1, isTimeUp)
    if (done !== false) return done
    chosen.delete(one)
  }
  return false
}

/** How many of the sets, shortest first, have nothing in common: each needs a member of its own. */
function apart(sets: readonly (readonly Literal[])[]): number {
  const seen = new Set<Literal>()
  let count = 0
  for (const set of sets) {
    if (hits(seen, set)) continue
    for (const one of set) seen.add(one)
    count++
  }
  return count
}
