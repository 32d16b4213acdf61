import { type Formula, holds, mapAtoms } from '../../logic/formula.ts'
import { type Atom, keyOf } from '../atom.ts'

/** One bit per policy, in words of 32. */
export type Row = Int32Array

/** What all policies together ask about one side of a sign-in: every question once, every statement once. */
export interface Side {
  readonly atoms: readonly Atom[]
  /** The policies whose statement is true, where this tells which of `atoms` are. */
  rowOf(isTrue: (place: number) => boolean): Row
}

interface Statement {
  readonly formula: Formula<number>
  /** The policies that make it: words, and their bits. */
  readonly bits: Map<number, number>
}

/** Compiles one statement per policy. */
export function createSide(formulas: readonly Formula<Atom>[]): Side {
  const atoms: Atom[] = []
  const numbers = new Map<string, number>()
  const numberOf = (atom: Atom): number => {
    const key = keyOf(atom)
    const known = numbers.get(key) ?? atoms.push(atom) - 1
    numbers.set(key, known)
    return known
  }
  const statements = new Map<string, Statement>()
  for (const [policy, plain] of formulas.entries()) {
    const formula = mapAtoms(plain, numberOf)
    const key = JSON.stringify(formula)
    const statement = statements.get(key) ?? { formula, bits: new Map<number, number>() }
    statements.set(key, statement)
    const word = policy >>> 5
    statement.bits.set(word, (statement.bits.get(word) ?? 0) | (1 << (policy & 31)))
  }
  const width = widthOf(formulas.length)
  return {
    atoms,
    rowOf(isTrue) {
      const row = new Int32Array(width)
      for (const { formula, bits } of statements.values())
        if (holds(formula, isTrue))
          for (const [word, more] of bits) row[word] = (row[word] ?? 0) | more
      return row
    },
  }
}

/** Words of a row. */
export const widthOf = (policies: number): number => Math.max(1, Math.ceil(policies / 32))
