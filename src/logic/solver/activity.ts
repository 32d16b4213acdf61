/** At this size activities are scaled down, all alike, so that they stay numbers. */
const huge = 1e100
/** How much less a conflict counts than the one after it. */
const fading = 0.95

/** Which variable to decide next: the one most in the conflicts of late. A heap with the most active on top. */
export class Activity {
  #scores = new Float64Array(64)
  #heap: number[] = []
  /** By variable: its place in the heap, or -1. */
  #places: number[] = []
  #step = 1

  /** Offers a variable for decision, where it is not offered already. */
  offer(variable: number): void {
    if (variable >= this.#scores.length) {
      const larger = new Float64Array(variable * 2)
      larger.set(this.#scores)
      this.#scores = larger
    }
    while (this.#places.length <= variable) this.#places.push(-1)
    if ((this.#places[variable] ?? -1) >= 0) return
    this.#heap.push(variable)
    this.#rise(this.#heap.length - 1)
  }

  /** Takes the most active variable. */
  take(): number | undefined {
    const top = this.#heap[0]
    const last = this.#heap.pop()
    if (top === undefined || last === undefined) return undefined
    this.#places[top] = -1
    if (last !== top) {
      this.#heap[0] = last
      this.#places[last] = 0
      this.#sink(0)
    }
    return top
  }

  /** The variable had a part in a conflict. */
  bump(variable: number): void {
    const score = this.#score(variable) + this.#step
    this.#scores[variable] = score
    if (score > huge) this.#scaleDown()
    const place = this.#places[variable] ?? -1
    if (place >= 0) this.#rise(place)
  }

  /** A conflict is over: the next ones count more. */
  fade(): void {
    this.#step /= fading
  }

  #score(variable: number): number {
    return this.#scores[variable] ?? 0
  }

  #scaleDown(): void {
    for (let at = 0; at < this.#scores.length; at++) this.#scores[at] = this.#score(at) / huge
    this.#step /= huge
  }

  #rise(from: number): void {
    const variable = this.#heap[from] ?? 0
    let place = from
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = this.#heap[above] ?? 0
      if (this.#score(parent) >= this.#score(variable)) break
      this.#heap[place] = parent
      this.#places[parent] = place
      place = above
    }
    this.#heap[place] = variable
    this.#places[variable] = place
  }

  #sink(from: number): void {
    const variable = this.#heap[from] ?? 0
    let place = from
    for (;;) {
      let below = place * 2 + 1
      let child = this.#heap[below]
      if (child === undefined) break
      const right = this.#heap[below + 1]
      if (right !== undefined && this.#score(right) > this.#score(child)) {
        child = right
        below++
      }
      if (this.#score(variable) >= this.#score(child)) break
      this.#heap[place] = child
      this.#places[child] = place
      place = below
    }
    this.#heap[place] = variable
    this.#places[variable] = place
  }
}
