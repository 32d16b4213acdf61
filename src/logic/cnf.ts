import type { Formula } from './formula.ts'
import type { Clausal, Literal } from './solver.ts'

/** Formulas over atoms of `A`, said in clauses. */
export interface Clausify<A> {
  /** The variable of an atom, the same one each time. */
  atom(atom: A): Literal
  /** Every atom spoken of so far, with its variable. */
  atoms(): ReadonlyMap<Literal, A>
  /** A literal that, where it is true, makes the formula true: to assume, or to build on. */
  claim(formula: Formula<A>): Literal
  /** The formula holds from now on. */
  require(formula: Formula<A>): void
  /** At most one of the literals is true from now on. */
  atMostOne(literals: readonly Literal[]): void
  /** Of the atoms, exactly those of one of the rows are true from now on. */
  oneOf(atoms: readonly A[], rows: readonly (readonly A[])[]): void
}

/** Which half of "literal exactly where formula" is needed: most formulas stand under an even or an odd number of `not` only. */
type Half = 'implies' | 'isImplied'

/** Up to so many, every pair is named; beyond, a ladder of extra variables is smaller. */
const pairs = 6

/**
 * Says formulas in clauses, one variable per part (Tseitin 1968), each only in the direction in which it is used (Plaisted and
 * Greenbaum 1986); parts that say the same are said once. `key`: two atoms of one key are the same atom.
 */
export function createClausify<A>(sink: Clausal, key: (atom: A) => string): Clausify<A> {
  return new Clauses(sink, key)
}

class Clauses<A> implements Clausify<A> {
  readonly #sink: Clausal
  readonly #key: (atom: A) => string
  readonly #variables = new Map<string, Literal>()
  readonly #atoms = new Map<Literal, A>()
  /** By what a part says: its variable. */
  readonly #parts = new Map<string, Literal>()
  /** Which half of which part is said already. */
  readonly #said = new Set<string>()
  readonly #known: Readonly<Record<Half, Map<Formula<A>, Literal>>> = {
    implies: new Map(),
    isImplied: new Map(),
  }
  #true: Literal | undefined

  constructor(sink: Clausal, key: (atom: A) => string) {
    this.#sink = sink
    this.#key = key
  }

  atom(atom: A): Literal {
    const key = this.#key(atom)
    const known = this.#variables.get(key)
    if (known !== undefined) return known
    const variable = this.#sink.variable()
    this.#variables.set(key, variable)
    this.#atoms.set(variable, atom)
    return variable
  }

  atoms(): ReadonlyMap<Literal, A> {
    return this.#atoms
  }

  claim(formula: Formula<A>): Literal {
    return this.#literal(formula, 'implies')
  }

  require(formula: Formula<A>): void {
    if (formula.op === 'and') for (const part of formula.of) this.require(part)
    else if (formula.op === 'or') this.#sink.add(formula.of.map((part) => this.claim(part)))
    else this.#sink.add([this.claim(formula)])
  }

  atMostOne(literals: readonly Literal[]): void {
    if (literals.length <= pairs) {
      literals.forEach((one, at) => {
        for (const other of literals.slice(0, at)) this.#sink.add([-one, -other])
      })
      return
    }
    // Of each rung: one of the literals so far is true.
    let below: Literal | undefined
    for (const one of literals) {
      const rung = this.#sink.variable()
      this.#sink.add([-one, rung])
      if (below !== undefined) {
        this.#sink.add([-below, rung])
        this.#sink.add([-below, -one])
      }
      below = rung
    }
  }

  oneOf(atoms: readonly A[], rows: readonly (readonly A[])[]): void {
    const choices = rows.map(() => this.#sink.variable())
    this.#sink.add(choices)
    this.atMostOne(choices)
    const held = new Map<Literal, Literal[]>(atoms.map((atom) => [this.atom(atom), []]))
    rows.forEach((row, n) => {
      const choice = choices[n] ?? 0
      for (const atom of row) {
        const literal = this.atom(atom)
        this.#sink.add([-choice, literal])
        held.get(literal)?.push(choice)
      }
    })
    for (const [literal, holding] of held) this.#sink.add([-literal, ...holding])
  }

  #literal(formula: Formula<A>, half: Half): Literal {
    const known = this.#known[half].get(formula)
    if (known !== undefined) return known
    const literal = this.#say(formula, half)
    this.#known[half].set(formula, literal)
    return literal
  }

  #say(formula: Formula<A>, half: Half): Literal {
    if (formula.op === 'always') return this.#truth()
    if (formula.op === 'never') return -this.#truth()
    if (formula.op === 'atom') return this.atom(formula.atom)
    const turned = half === 'implies' ? 'isImplied' : 'implies'
    if (formula.op === 'not') return -this.#literal(formula.of, turned)
    const parts = this.#each(formula.of, half)
    if (formula.op === 'and') return this.#all(parts, half)
    // At least one is true where not all are false.
    return -this.#all(
      parts.map((one) => -one),
      turned,
    )
  }

  #each(parts: readonly Formula<A>[], half: Half): Literal[] {
    return [...new Set(parts.map((part) => this.#literal(part, half)))].sort((a, b) => a - b)
  }

  /** The variable for "all of these", with the clauses of one half. */
  #all(literals: readonly Literal[], half: Half): Literal {
    const [only] = literals
    if (only === undefined) return this.#truth()
    if (literals.length === 1) return only
    const name = literals.join(' ')
    const part = this.#parts.get(name) ?? this.#sink.variable()
    this.#parts.set(name, part)
    if (this.#said.has(`${half} ${name}`)) return part
    this.#said.add(`${half} ${name}`)
    if (half === 'implies') for (const one of literals) this.#sink.add([-part, one])
    else this.#sink.add([part, ...literals.map((one) => -one)])
    return part
  }

  #truth(): Literal {
    if (this.#true === undefined) {
      this.#true = this.#sink.variable()
      this.#sink.add([this.#true])
    }
    return this.#true
  }
}
