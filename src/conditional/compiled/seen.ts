import { limits } from '../../base/limits.ts'
import { Numbers } from './numbers.ts'

/**
 * Where those who were met before are found again: at the number that they bring along, or else by being the same object.
 * The number only says where to look: whoever else comes with it is not taken for the one who was met.
 */
export class Seen<T extends { readonly number?: number | undefined }> {
  #met: (T | undefined)[] = []
  readonly #found = new Numbers()
  #others = new WeakMap<T, number>()

  /** What was found of this one; -1 where it was not met. */
  find(one: T): number {
    const { number } = one
    if (number === undefined || number >= limits.subjectsNumbered.value)
      return this.#others.get(one) ?? -1
    return this.#met[number] === one ? this.#found.at(number) : -1
  }

  put(one: T, found: number): void {
    const { number } = one
    if (number === undefined || number >= limits.subjectsNumbered.value) {
      this.#others.set(one, found)
      return
    }
    // Without gaps, which would make it slow.
    while (this.#met.length <= number) this.#met.push(undefined)
    this.#met[number] = one
    this.#found.set(number, found)
  }

  clear(): void {
    this.#met = []
    this.#found.clear()
    this.#others = new WeakMap()
  }
}
