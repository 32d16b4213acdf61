import { type Cell, type ClauseAt, type Clauses, none } from './clauses.ts'
import type { Trail } from './trail.ts'

/** Draws every consequence of what is true so far; the clause that cannot hold any more, or `none`. */
export function propagate(clauses: Clauses, trail: Trail): ClauseAt {
  while (trail.seen < trail.length) {
    const falsified = (trail.order[trail.seen++] ?? 0) ^ 1
    const broken = visit(falsified, clauses, trail)
    if (broken !== none) return broken
  }
  return none
}

/** Each clause that watches what became false watches something else, forces its other watched literal, or is broken. */
function visit(falsified: Cell, clauses: Clauses, trail: Trail): ClauseAt {
  const watching = clauses.watches[falsified] ?? []
  const { values } = trail
  const { cells } = clauses
  let kept = 0
  let broken = none
  for (let at = 0; at < watching.length; at += 2) {
    const clause = watching[at] ?? 0
    let blocker = watching[at + 1] ?? 0
    if (broken === none && values[blocker] !== 1) {
      const begin = clauses.begin(clause)
      if (cells[begin] === falsified) {
        cells[begin] = cells[begin + 1] ?? 0
        cells[begin + 1] = falsified
      }
      blocker = cells[begin] ?? 0
      if (values[blocker] !== 1) {
        if (moveWatch(clause, blocker, clauses, values)) continue
        if (values[blocker] === -1) broken = clause
        else trail.set(blocker, clause)
      }
    }
    watching[kept++] = clause
    watching[kept++] = blocker
  }
  watching.length = kept
  return broken
}

function moveWatch(clause: ClauseAt, other: Cell, clauses: Clauses, values: Int32Array): boolean {
  const { cells } = clauses
  const second = clauses.begin(clause) + 1
  const end = clauses.end(clause)
  for (let at = second + 1; at < end; at++) {
    const cell = cells[at] ?? 0
    if (values[cell] === -1) continue
    cells[at] = cells[second] ?? 0
    cells[second] = cell
    clauses.watches[cell]?.push(clause, other)
    return true
  }
  return false
}
