import { factWords } from './layout.ts'

/** Places of words in the record of a device. */
export const place = { class: 0, set: 1, low: 2, high: 3, facts: 4 } as const

/** Words of a record. */
export const width = place.facts + factWords

/** The set of a device of which something is in doubt. */
export const inDoubt = 0

/** The records of devices, one after the other, with when each was judged. */
export interface Table {
  words(): Int32Array
  /** How many devices there are. */
  count(): number
  /** Which record is the device's; it gets one where it has none. */
  numberOf(id: string, owner: string): number
  find(id: string): number | undefined
  ofOwner(owner: string): Iterable<number>
  judgedAt(number: number): number
  setJudgedAt(number: number, at: number): void
  clear(): void
}

const none = -1

/** No records yet. */
export function createTable(): Table {
  const numbers = new Map<string, number>()
  /** The first device of an owner; from each the next, so that an owner costs no list. */
  const first = new Map<string, number>()
  let words = new Int32Array(0)
  let moments = new Float64Array(0)
  let next = new Int32Array(0)

  const grow = (count: number) => {
    const [oldWords, oldMoments, oldNext] = [words, moments, next]
    words = new Int32Array(count * width)
    moments = new Float64Array(count)
    next = new Int32Array(count)
    words.set(oldWords)
    moments.set(oldMoments)
    next.set(oldNext)
  }

  return {
    words: () => words,
    count: () => numbers.size,
    numberOf(id, owner) {
      const known = numbers.get(id)
      if (known !== undefined) return known
      const fresh = numbers.size
      if (fresh >= next.length) grow(Math.max(64, Math.ceil(fresh * 1.5)))
      numbers.set(id, fresh)
      next[fresh] = first.get(owner) ?? none
      first.set(owner, fresh)
      return fresh
    },
    find: (id) => numbers.get(id),
    *ofOwner(owner) {
      for (let one = first.get(owner) ?? none; one !== none; one = next[one] ?? none) yield one
    },
    judgedAt: (number) => moments[number] ?? 0,
    setJudgedAt(number, at) {
      moments[number] = at
    },
    clear() {
      numbers.clear()
      first.clear()
      words.fill(0)
    },
  }
}
