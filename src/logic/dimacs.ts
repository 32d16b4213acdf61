import type { Clausal, Literal } from './solver.ts'

/** Clauses kept as a list, to hand to another solver. */
export interface ClauseList extends Clausal {
  /** All of them as a file of the DIMACS format that SAT solvers read; `units` are demanded besides. */
  dimacs(units?: readonly Literal[]): string
}

/** Keeps the clauses, and passes them on to `also`, so that both speak of the same variables. */
export function createClauseList(also?: Clausal): ClauseList {
  const clauses: (readonly Literal[])[] = []
  let variables = 0
  return {
    variable() {
      variables++
      return also ? also.variable() : variables
    },
    add(clause) {
      clauses.push(clause)
      also?.add(clause)
    },
    dimacs(units = []) {
      const all = [...clauses, ...units.map((unit) => [unit])]
      const lines = all.map((clause) => `${clause.join(' ')} 0`.trim())
      return `p cnf ${variables} ${all.length}\n${lines.join('\n')}\n`
    },
  }
}
