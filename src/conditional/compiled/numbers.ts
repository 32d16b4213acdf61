/** Whole numbers at places from 0 that are filled in any order; -1 where there is none. */
export class Numbers {
  #held = new Int32Array(64).fill(-1)

  at(place: number): number {
    return this.#held[place] ?? -1
  }

  set(place: number, value: number): void {
    if (place >= this.#held.length) {
      const more = new Int32Array(Math.max(place + 1, this.#held.length * 2)).fill(-1)
      more.set(this.#held)
      this.#held = more
    }
    this.#held[place] = value
  }

  clear(): void {
    this.#held = new Int32Array(64).fill(-1)
  }
}
