import { assert } from '../../base/failures.ts'
import { createClausify } from '../../logic/cnf.ts'
import { createFewest } from '../../logic/fewest.ts'
import { and, atom, type Formula, not, or } from '../../logic/formula.ts'
import { type Answer, createSolver, type Literal } from '../../logic/solver.ts'
import { type Atom, keyOf } from '../atom.ts'
import type { Prepared } from '../evaluate.ts'
import type { Example, World } from './world.ts'

/** What can be demanded of a sign-in with regard to one policy, as literals to assume. */
export interface Claims {
  readonly prepared: Prepared
  readonly applies: Literal
  /** It does not apply. */
  readonly avoids: Literal
  /** It does not apply, or its controls are satisfied. */
  readonly passes: Literal
  /** It applies, and its controls are not satisfied. */
  readonly fails: Literal
}

/** Questions put to a solver that knows which sign-ins there can be. */
export interface Inquiry {
  /** A literal that, assumed, makes the formula true. Its atoms are of the world. */
  claim(formula: Formula<Atom>): Literal
  claimsOf(prepared: Prepared): Claims
  /** A literal under which one of these holds. */
  anyOf(literals: readonly Literal[]): Literal
  /** Whether there is a sign-in of which all of these hold. */
  ask(assumptions: readonly Literal[]): Answer
  /** Where there is none: some of the demanded, none of which can be left out; undefined where there is one after all. */
  core(fixed: readonly Literal[], demanded: readonly Literal[]): Literal[] | undefined
  /** A sign-in of which all of these hold, and little else: as few atoms as can be. */
  example(assumptions: readonly Literal[]): Example | Exclude<Answer, 'satisfiable'>
  /** Conflicts met so far: the cost of it all. */
  steps(): number
}

/** Opens an inquiry into what can happen in this world. */
export function openInquiry(world: World): Inquiry {
  const solver = createSolver()
  const solveFewest = createFewest(solver)
  const clausify = createClausify(solver, keyOf)
  for (const one of world.atoms) clausify.atom(one)
  for (const { atoms, rows } of world.sides) clausify.oneOf(atoms, rows)
  for (const law of world.laws) clausify.require(law)
  const atoms = [...clausify.atoms()]
  const claim = (formula: Formula<Atom>) => {
    const literal = clausify.claim(formula)
    // Nothing would be known of it, so that any answer would do.
    assert(clausify.atoms().size === atoms.length, 'an atom of no world')
    return literal
  }
  const ask = (assumptions: readonly Literal[]) => solver.solve(assumptions)
  return {
    claim,
    claimsOf: (prepared) => claimsOf(prepared, claim),
    anyOf(literals) {
      const one = solver.variable()
      solver.add([-one, ...literals])
      return one
    },
    ask,
    core(fixed, demanded) {
      if (ask([...fixed, ...demanded]) !== 'unsatisfiable') return undefined
      const blamed = new Set(solver.blamed())
      let core = [...new Set(demanded.filter((one) => blamed.has(one)))]
      for (const one of core) {
        const without = core.filter((other) => other !== one)
        if (ask([...fixed, ...without]) === 'unsatisfiable') core = without
      }
      return core
    },
    example(assumptions) {
      const settled = new Set(assumptions.map(Math.abs))
      const open = atoms.map(([literal]) => literal).filter((literal) => !settled.has(literal))
      const answer = solveFewest(assumptions, open)
      if (answer !== 'satisfiable') return answer
      return atoms.filter(([literal]) => solver.isTrue(literal)).map(([, one]) => one)
    },
    steps: () => solver.steps(),
  }
}

function claimsOf(prepared: Prepared, claim: (formula: Formula<Atom>) => Literal): Claims {
  const { applies, grant } = prepared
  return {
    prepared,
    applies: claim(applies),
    avoids: claim(not(applies)),
    passes: claim(or(not(applies), grant.formula)),
    fails: claim(and(applies, not(grant.formula))),
  }
}

/** The statement that none of these is true. */
export const noneOf = (atoms: readonly Atom[]): Formula<Atom> =>
  and(...atoms.map((one) => not(atom(one))))
