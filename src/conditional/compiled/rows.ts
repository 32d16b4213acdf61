import type { Row } from './side.ts'

/** Rows one after the other in one piece of memory, each known by its number: that is what makes them cheap to find. */
export class Rows {
  readonly width: number
  /** The row of number n begins at n times `width`. Another array once it has grown. */
  words: Int32Array
  #count = 0

  constructor(width: number) {
    this.width = width
    this.words = new Int32Array(width * 16)
  }

  /** Gives its number. */
  add(row: Row): number {
    const end = (this.#count + 1) * this.width
    if (end > this.words.length) {
      const more = new Int32Array(this.words.length * 2)
      more.set(this.words)
      this.words = more
    }
    this.words.set(row, this.#count * this.width)
    return this.#count++
  }

  clear(): void {
    this.words = new Int32Array(this.width * 16)
    this.#count = 0
  }
}
