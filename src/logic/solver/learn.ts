import type { Activity } from './activity.ts'
import { type Cell, type ClauseAt, type Clauses, none } from './clauses.ts'
import type { Trail } from './trail.ts'

/** What a conflict teaches: a clause that follows from the given ones. */
export interface Lesson {
  /** The first is forced once all above `level` is taken back; the second is the last of the others to have become false. */
  readonly literals: Cell[]
  readonly level: number
  /** How many levels its literals come from: few means useful. */
  readonly glue: number
}

/** Goes back from a broken clause to the last single fact of this level that leads to it (the first unique implication point). */
export function learn(
  broken: ClauseAt,
  { clauses, trail, activity }: { clauses: Clauses; trail: Trail; activity: Activity },
): Lesson {
  const marked = new Set<number>()
  const others: Cell[] = []
  let clause = broken
  let open = 0
  let at = trail.length
  let pivot: Cell
  do {
    for (let place = clauses.begin(clause); place < clauses.end(clause); place++) {
      const cell = clauses.cells[place] ?? 0
      const variable = cell >> 1
      if (marked.has(variable) || trail.levels[variable] === 0) continue
      marked.add(variable)
      activity.bump(variable)
      if (trail.levels[variable] === trail.level) open++
      else others.push(cell)
    }
    do pivot = trail.order[--at] ?? 0
    while (!marked.has(pivot >> 1))
    clause = trail.reasons[pivot >> 1] ?? none
    open--
  } while (open > 0)
  return lesson(
    pivot ^ 1,
    others.filter((cell) => !isImplied(cell, marked, clauses, trail)),
    trail,
  )
}

/** A literal whose reason speaks only of what the lesson speaks of already adds nothing. */
function isImplied(cell: Cell, marked: Set<number>, clauses: Clauses, trail: Trail): boolean {
  const reason = trail.reasons[cell >> 1] ?? none
  if (reason === none) return false
  for (let place = clauses.begin(reason); place < clauses.end(reason); place++) {
    const variable = (clauses.cells[place] ?? 0) >> 1
    if (!marked.has(variable) && trail.levels[variable] !== 0) return false
  }
  return true
}

function lesson(first: Cell, others: Cell[], trail: Trail): Lesson {
  const levelOf = (cell: Cell) => trail.levels[cell >> 1] ?? 0
  const levels = new Set(others.map(levelOf))
  const level = Math.max(0, ...levels)
  others.sort((a, b) => levelOf(b) - levelOf(a))
  return { literals: [first, ...others], level, glue: levels.size + 1 }
}

/** Which of the assumptions lead to this one being false: together they cannot all hold. */
export function blame(failed: Cell, clauses: Clauses, trail: Trail): Cell[] {
  const marked = new Set([failed >> 1])
  const blamed = [failed]
  for (let at = trail.length - 1; at >= 0; at--) {
    const cell = trail.order[at] ?? 0
    const variable = cell >> 1
    if (!marked.has(variable) || trail.levels[variable] === 0) continue
    const reason = trail.reasons[variable] ?? none
    if (reason === none) {
      if (cell !== failed) blamed.push(cell)
      continue
    }
    for (let place = clauses.begin(reason); place < clauses.end(reason); place++)
      marked.add((clauses.cells[place] ?? 0) >> 1)
  }
  return blamed
}
