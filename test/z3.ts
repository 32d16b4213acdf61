import { createRequire } from 'node:module'
import type { Formula } from '../src/logic/formula.ts'

/** Z3, a solver that others wrote: a second opinion on what ours answers. */
export interface SecondOpinion {
  /** Whether the statements (SMT-LIB 2, or clauses in DIMACS) can hold together. */
  canHold(statements: string): Promise<boolean>
  /** Keeps statements, to ask again and again whether more of them can hold besides. */
  given(statements: string): { canHold(more: string): Promise<boolean> }
  close(): Promise<void>
}

// Its own types are a program of their own: what is used of it is typed here.
const require = createRequire(import.meta.url)

interface Z3 {
  Context: (name: string) => {
    Solver: new () => {
      fromString(text: string): void
      check(): Promise<string>
      push(): void
      pop(): void
    }
  }
  em: unknown
}

/** Starts Z3 (WebAssembly with threads of its own, about half a second). */
export async function openSecondOpinion(): Promise<SecondOpinion> {
  const { init, killThreads } = require('z3-solver') as {
    init(): Promise<Z3>
    killThreads(em: unknown): Promise<void>
  }
  const z3 = await init()
  const context = z3.Context('postern')
  const given: SecondOpinion['given'] = (statements) => {
    const solver = new context.Solver()
    solver.fromString(statements)
    return {
      async canHold(more) {
        solver.push()
        solver.fromString(more)
        const answer = await solver.check()
        solver.pop()
        if (answer === 'unknown') throw new Error('z3 does not know')
        return answer === 'sat'
      },
    }
  }
  return {
    given,
    canHold: (statements) => given(statements).canHold(''),
    close: () => killThreads(z3.em),
  }
}

/** The formula as an outsider reads it, in SMT-LIB; `name`: what an atom is called there. */
export function smtOf<A>(formula: Formula<A>, name: (atom: A) => string): string {
  if (formula.op === 'always') return 'true'
  if (formula.op === 'never') return 'false'
  if (formula.op === 'atom') return name(formula.atom)
  if (formula.op === 'not') return `(not ${smtOf(formula.of, name)})`
  const parts = formula.of.map((part) => smtOf(part, name))
  return `(${formula.op} ${formula.op === 'and'} ${parts.join(' ')})`
}
