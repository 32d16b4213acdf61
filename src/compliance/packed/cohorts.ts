import type { PolicySet } from './policy-set.ts'
import { inDoubt } from './table.ts'

/** The devices of one class that were judged by one set of policies. */
export interface Cohort {
  /** The number of the class. */
  readonly of: number
  readonly set: PolicySet
}

/** Numbers of cohorts, given as they come; nobody has that of doubt. */
export interface Cohorts {
  numberOf(of: number, set: PolicySet): number
  find(number: number): Cohort | undefined
  /** All, in the order of their numbers, from that of doubt on. */
  all(): readonly (Cohort | undefined)[]
}

/** No cohorts yet. */
export function createCohorts(): Cohorts {
  const known: (Cohort | undefined)[] = []
  known[inDoubt] = undefined
  const numbers = new Map<string, number>()
  return {
    numberOf(of, set) {
      const key = `${of}:${set.id}`
      const number = numbers.get(key)
      if (number !== undefined) return number
      numbers.set(key, known.length)
      known.push({ of, set })
      return known.length - 1
    },
    find: (number) => known[number],
    all: () => known,
  }
}
