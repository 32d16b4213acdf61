import { limits } from '../../base/limits.ts'
import { Numbers } from './numbers.ts'

/** What was found of one who was met. */
export interface Finding {
  readonly number: number
  /** How many policies there were to ask then. */
  readonly edition: number
}

/**
 * Where those who were met before are found again: at the number that they bring along, or else by being the same object.
 * The number only says where to look: whoever else comes with it is not taken for the one who was met.
 */
export class Seen<T extends { readonly number?: number | undefined }> {
  #met: (T | undefined)[] = []
  /** Of each number what was found, and its edition: near one another, since both are asked for. */
  readonly #found = new Numbers()
  #others = new WeakMap<T, Finding>()

  /** What was found of this one in this edition; -1 where it was not met since. */
  find(one: T, edition: number): number {
    const { number } = one
    if (number === undefined || number >= limits.subjectsNumbered.value) {
      const known = this.#others.get(one)
      return known?.edition === edition ? known.number : -1
    }
    if (this.#met[number] !== one || this.#found.at(2 * number + 1) !== edition) return -1
    return this.#found.at(2 * number)
  }

  /** What was last found of this one, in whatever edition. */
  last(one: T): Finding | undefined {
    const { number } = one
    if (number === undefined || number >= limits.subjectsNumbered.value)
      return this.#others.get(one)
    if (this.#met[number] !== one) return undefined
    return { number: this.#found.at(2 * number), edition: this.#found.at(2 * number + 1) }
  }

  put(one: T, found: number, edition: number): void {
    const { number } = one
    if (number === undefined || number >= limits.subjectsNumbered.value) {
      this.#others.set(one, { number: found, edition })
      return
    }
    // Without gaps, which would make it slow.
    while (this.#met.length <= number) this.#met.push(undefined)
    this.#met[number] = one
    this.#found.set(2 * number + 1, edition)
    this.#found.set(2 * number, found)
  }

  clear(): void {
    this.#met = []
    this.#found.clear()
    this.#others = new WeakMap()
  }
}
