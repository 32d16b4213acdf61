import { Kept } from './kept.ts'
import { Rows } from './rows.ts'
import type { Row } from './side.ts'

/** Kinds of what is on one side of sign-ins: those of whom the same is true share their rows. */
export class Kinds {
  readonly rows: Rows
  readonly #numbers: Kept<string, number>

  /** `forget` is called when all begins anew; numbers that were given before then mean nothing. */
  constructor(width: number, forget: () => void) {
    this.rows = new Rows(width)
    this.#numbers = new Kept(() => {
      this.rows.clear()
      forget()
    })
  }

  /** The number of the first row of the kind of this name; the others follow it. */
  numberOf(name: string, count: number, make: () => readonly Row[]): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const words = count * this.rows.width + (name.length >>> 2)
    return this.#numbers.put(name, words, () => {
      const [first = 0] = make().map((row) => this.rows.add(row))
      return first
    })
  }

  /** Begins anew. */
  clear(): void {
    this.#numbers.clear()
  }
}
