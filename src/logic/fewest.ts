import type { Answer, Literal, Solver } from './solver.ts'

/** Rounds of the exact search, and choices tried in one of them; beyond, an example from which nothing can be dropped will do. */
const rounds = 60
const choices = 2000

/**
 * As `solver.solve`, but the example it is left with makes as few of the `counted` literals true as can be: no shorter example
 * exists, or, where that is long to prove, none that only drops something. By implicit hitting sets: each refusal names
 * literals of which one must be true, and the smallest set that hits all refusals is tried next (Davies and Bacchus 2011).
 */
export function solveFewest(
  solver: Solver,
  assumptions: readonly Literal[],
  counted: readonly Literal[],
): Answer {
  const first = solver.solve(assumptions)
  if (first !== 'satisfiable') return first
  let best = trueOf(solver, counted)
  const refusals: Literal[][] = []
  for (let round = 0; round < rounds && best.length > 0; round++) {
    const chosen = hit(refusals)
    if (chosen === undefined) break
    const denied = counted.filter((one) => !chosen.has(one)).map((one) => -one)
    const answer = solver.solve([...assumptions, ...denied])
    if (answer === 'satisfiable') return answer
    if (answer === 'gaveUp') break
    const members = new Set(denied)
    const refusal = solver.blamed().filter((one) => members.has(one))
    refusals.push(refusal.map((one) => -one))
  }
  for (const one of best) {
    if (!best.includes(one)) continue
    const kept = new Set(best.filter((other) => other !== one))
    const denied = counted.filter((other) => !kept.has(other)).map((other) => -other)
    if (solver.solve([...assumptions, ...denied]) === 'satisfiable') best = trueOf(solver, counted)
  }
  const kept = new Set(best)
  const denied = counted.filter((other) => !kept.has(other)).map((other) => -other)
  return solver.solve([...assumptions, ...denied])
}

function trueOf(solver: Solver, counted: readonly Literal[]): Literal[] {
  return counted.filter((one) => solver.isTrue(one))
}

/** A smallest set with a member in each of the sets; undefined where too much had to be tried. */
function hit(sets: readonly (readonly Literal[])[]): ReadonlySet<Literal> | undefined {
  let left = choices
  const chosen = new Set<Literal>()
  const within = (size: number): boolean | undefined => {
    const open = sets.filter((set) => !set.some((one) => chosen.has(one)))
    const [next] = open.toSorted((a, b) => a.length - b.length)
    if (!next) return true
    if (size === 0) return false
    for (const one of next) {
      if (--left < 0) return undefined
      chosen.add(one)
      const done = within(size - 1)
      if (done !== false) return done
      chosen.delete(one)
    }
    return false
  }
  for (let size = 0; ; size++) {
    const done = within(size)
    if (done === undefined) return undefined
    if (done) return chosen
  }
}
