import { smallestHit } from './hitting.ts'
import type { Answer, Literal, Solver } from './solver.ts'

/** Rounds of the exact search; beyond, an example from which nothing can be dropped will do. */
const rounds = 60

/**
 * Asks as `solve` does, but the example that the solver is left with makes as few of the `counted` literals true as can be: no
 * shorter example exists, or, where that is long to prove, none that only drops something.
 */
export type SolveFewest = (assumptions: readonly Literal[], counted: readonly Literal[]) => Answer

/**
 * By implicit hitting sets: each refusal of the solver names literals of which one must be true, and the smallest set that hits
 * all refusals is tried next (Davies and Bacchus 2011). Refusals hold for later questions too, and questions about one set of
 * policies are much alike: most of what one takes was refused before.
 */
export function createFewest(solver: Solver): SolveFewest {
  const refusals = new Refusals()
  return (assumptions, counted) => {
    const first = solver.solve(assumptions)
    if (first !== 'satisfiable') return first
    const best = counted.filter((one) => solver.isTrue(one))
    const except = (allowed: ReadonlySet<Literal>) =>
      solver.solve([...assumptions, ...refusals.opposites(counted, allowed)])
    const hit = smallestHit(refusals.among(assumptions, counted))
    for (let round = 0; round < rounds; round++) {
      const chosen = hit.chosen()
      if (chosen === undefined) break
      const answer = except(chosen)
      if (answer === 'satisfiable') return answer
      if (answer === 'gaveUp') break
      hit.add(refusals.keep(solver.blamed(), assumptions))
    }
    return shrink(solver, best, except)
  }
}

/** Drops one after another of those that may be true. */
function shrink(
  solver: Solver,
  found: readonly Literal[],
  except: (allowed: ReadonlySet<Literal>) => Answer,
): Answer {
  let best = new Set(found)
  for (const one of found) {
    if (!best.has(one)) continue
    const fewer = new Set(best)
    fewer.delete(one)
    if (except(fewer) === 'satisfiable')
      best = new Set([...fewer].filter((other) => solver.isTrue(other)))
  }
  return except(best)
}

/** Wherever all of `under` is assumed, one of `oneOf` is true. */
interface Refusal {
  readonly under: readonly Literal[]
  readonly oneOf: readonly Literal[]
}

/** Where nothing need be assumed. */
const anywhere = 0

/** What the solver refused, as far as it is not due to one question alone. */
class Refusals {
  /** By what was assumed last of all that a refusal is due to: this tells questions apart soonest. */
  readonly #known = new Map<Literal, Refusal[]>()
  readonly #mentioned = new Set<Literal>()

  /** Of each refusal that holds for a question: literals of which one must be true. */
  among(assumptions: readonly Literal[], counted: readonly Literal[]): (readonly Literal[])[] {
    const assumed = new Set(assumptions)
    const open = new Set(counted)
    return [anywhere, ...assumptions]
      .flatMap((last) => this.#known.get(last) ?? [])
      .filter(
        ({ under, oneOf }) =>
          under.every((one) => assumed.has(one)) && oneOf.every((one) => open.has(one)),
      )
      .map(({ oneOf }) => oneOf)
  }

  /** Keeps what is to blame, some of it assumed by the question, and tells the rest. */
  keep(blamed: readonly Literal[], assumptions: readonly Literal[]): readonly Literal[] {
    const to = new Set(blamed)
    const under = assumptions.filter((one) => to.has(one))
    for (const one of under) to.delete(one)
    const oneOf = [...to].map((one) => -one)
    const last = under.at(-1) ?? anywhere
    this.#known.set(last, [...(this.#known.get(last) ?? []), { under, oneOf }])
    for (const one of oneOf) this.#mentioned.add(one)
    return oneOf
  }

  /** The opposites of what is not allowed. What refusals mention comes last: from try to try no more than that differs. */
  opposites(counted: readonly Literal[], allowed: ReadonlySet<Literal>): Literal[] {
    const denied = counted.filter((one) => !allowed.has(one))
    const steady = denied.filter((one) => !this.#mentioned.has(one))
    return [...steady, ...denied.filter((one) => this.#mentioned.has(one))].map((one) => -one)
  }
}
