/**
 * A literal as the solver keeps it: twice the variable, plus one where it is negated, so that `cell ^ 1` is its opposite and
 * arrays are indexed by it.
 */
export type Cell = number

/** Where a clause lies in the store. */
export type ClauseAt = number

/** No clause: what was decided or assumed has no reason. */
export const none: ClauseAt = -1

/** Before its literals a clause keeps how many they are, and its glue: 0 where it was given, not learnt. */
const headed = 2

/** All clauses in one array, end to end, and who watches what. The first two literals of a clause are the watched ones. */
export class Clauses {
  cells = new Int32Array(1024)
  /** By cell: pairs of a clause that watches it and another of its literals, which often settles the clause unread. */
  watches: number[][] = []
  learnt: ClauseAt[] = []
  #given: ClauseAt[] = []
  #end = 0

  /** Keeps a clause of two or more literals. `glue`: how many decisions its literals hung on when it was learnt; 0: given. */
  add(literals: readonly Cell[], glue: number): ClauseAt {
    const at = this.#end
    this.#end += headed + literals.length
    if (this.#end > this.cells.length) this.#grow()
    this.cells[at] = literals.length
    this.cells[at + 1] = glue
    this.cells.set(literals, at + headed)
    this.#watch(at)
    const list = glue === 0 ? this.#given : this.learnt
    list.push(at)
    return at
  }

  /** Where the literals of a clause begin, and the place after its last. */
  begin(at: ClauseAt): number {
    return at + headed
  }
  end(at: ClauseAt): number {
    return at + headed + (this.cells[at] ?? 0)
  }

  /**
   * Forgets the learnt clauses of most glue, half of them, but those of glue 2, which pay off always. Only where nothing is
   * decided: clauses move, and a reason would point astray.
   */
  forget(): void {
    const old = this.cells
    const kept = this.learnt.toSorted((a, b) => (old[a + 1] ?? 0) - (old[b + 1] ?? 0))
    const half = kept.filter((at, n) => n < kept.length / 2 || (old[at + 1] ?? 0) <= 2)
    const all = [...this.#given, ...half]
    for (const list of this.watches) list.length = 0
    this.cells = new Int32Array(old.length)
    this.learnt = []
    this.#given = []
    this.#end = 0
    for (const at of all) {
      const literals = old.subarray(at + headed, at + headed + (old[at] ?? 0))
      this.add([...literals], old[at + 1] ?? 0)
    }
  }

  #watch(at: ClauseAt): void {
    const first = this.cells[at + headed] ?? 0
    const second = this.cells[at + headed + 1] ?? 0
    this.watches[first]?.push(at, second)
    this.watches[second]?.push(at, first)
  }

  #grow(): void {
    const larger = new Int32Array(Math.max(this.cells.length * 2, this.#end))
    larger.set(this.cells)
    this.cells = larger
  }
}
