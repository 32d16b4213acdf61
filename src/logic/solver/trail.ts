import { type Cell, type ClauseAt, none } from './clauses.ts'

/** What is true so far, in the order in which it became so, and why. A level is one decision and all that follows from it. */
export class Trail {
  /** By cell: 1 true, -1 false, 0 open. */
  values = new Int32Array(0)
  /** By variable: the level at which it was set. */
  levels = new Int32Array(0)
  /** By variable: the clause that forced it. */
  reasons = new Int32Array(0)
  /** By variable: the cell that was true of it last, tried first next time. */
  phases = new Int32Array(0)
  order = new Int32Array(0)
  length = 0
  /** Up to where consequences are drawn. */
  seen = 0
  #starts: number[] = []

  get level(): number {
    return this.#starts.length
  }

  /** Makes room for variables below `count`; a new one is tried as false first, so that models say little. */
  widen(count: number): void {
    const had = this.levels.length
    if (count <= had) return
    const room = Math.max(count, had * 2, 64)
    const widened = (old: Int32Array, length: number) => {
      const next = new Int32Array(length)
      next.set(old)
      return next
    }
    this.values = widened(this.values, room * 2)
    this.levels = widened(this.levels, room)
    this.reasons = widened(this.reasons, room)
    this.phases = widened(this.phases, room)
    this.order = widened(this.order, room)
    for (let variable = had; variable < room; variable++) this.phases[variable] = variable * 2 + 1
  }

  /** Begins a level. */
  open(): void {
    this.#starts.push(this.length)
  }

  set(cell: Cell, reason: ClauseAt): void {
    this.values[cell] = 1
    this.values[cell ^ 1] = -1
    this.levels[cell >> 1] = this.level
    this.reasons[cell >> 1] = reason
    this.order[this.length++] = cell
  }

  /** Takes back every level above `level`, telling of each variable that is open again. */
  backTo(level: number, reopened: (variable: number) => void): void {
    if (level >= this.level) return
    const start = this.#starts[level] ?? 0
    for (let at = this.length - 1; at >= start; at--) {
      const cell = this.order[at] ?? 0
      this.values[cell] = 0
      this.values[cell ^ 1] = 0
      this.reasons[cell >> 1] = none
      this.phases[cell >> 1] = cell
      reopened(cell >> 1)
    }
    this.length = start
    this.seen = start
    this.#starts.length = level
  }
}
