import { createRequire } from 'node:module'

/** Z3, a solver that others wrote: a second opinion on what ours answers. */
export interface SecondOpinion {
  /** Whether the statements (SMT-LIB 2, or clauses in DIMACS) can hold together. */
  canHold(statements: string): Promise<boolean>
  close(): Promise<void>
}

// Its own types are a program of their own: what is used of it is typed here.
const require = createRequire(import.meta.url)

interface Z3 {
  Context: (name: string) => {
    Solver: new () => { fromString(text: string): void; check(): Promise<string> }
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
  return {
    async canHold(statements) {
      const solver = new context.Solver()
      solver.fromString(statements)
      const answer = await solver.check()
      if (answer === 'unknown') throw new Error('z3 does not know')
      return answer === 'sat'
    },
    close: () => killThreads(z3.em),
  }
}
