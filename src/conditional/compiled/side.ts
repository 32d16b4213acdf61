import { atomsOf, type Formula, holds, mapAtoms } from '../../logic/formula.ts'
import { type Atom, keyOf } from '../atom.ts'

/** One bit per policy, in words of 32. */
export type Row = Int32Array

/** What all policies together ask about one side of a sign-in: every question once, every statement once. */
export interface Side {
  readonly atoms: readonly Atom[]
  /** Words of a row. */
  readonly width: number
  /** The policies whose statement is true, where this tells which of `atoms` are. */
  rowOf(isTrue: (place: number) => boolean): Row
  /** A starting point for rows that differ from one another in few answers. */
  base(isTrue: (place: number) => boolean): Base
}

/** The row for some answers, and those that are near it. */
export interface Base {
  /** The row where these answers are the other way round: only statements that ask for one of them are looked at. */
  but(turned: readonly number[]): Row
}

interface Statement {
  readonly formula: Formula<number>
  /** The policies that make it: words, and in each of them bits. */
  readonly words: number[]
  readonly bits: number[]
}

/** Compiles one statement per policy. */
export function createSide(formulas: readonly Formula<Atom>[]): Side {
  const { atoms, statements } = readStatements(formulas)
  const width = widthOf(formulas.length)
  const rowOf: Side['rowOf'] = (isTrue) => {
    const row = new Int32Array(width)
    for (const statement of statements) enter(row, statement, holds(statement.formula, isTrue))
    return row
  }
  const tellAsking = createMentions(atoms.length, statements)
  return {
    atoms,
    width,
    rowOf,
    base(isTrue) {
      const row = rowOf(isTrue)
      const truth = atoms.map((_, place) => isTrue(place))
      const isNow = (place: number) => truth[place] === true
      const turn = (places: readonly number[]) => {
        for (const place of places) truth[place] = !truth[place]
      }
      return {
        but(turned) {
          const near = row.slice()
          turn(turned)
          tellAsking(turned, (one) => enter(near, one, holds(one.formula, isNow)))
          turn(turned)
          return near
        },
      }
    },
  }
}

function readStatements(formulas: readonly Formula<Atom>[]) {
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
    const statement = statements.get(key) ?? { formula, words: [], bits: [] }
    statements.set(key, statement)
    const [word, bit] = [policy >>> 5, 1 << (policy & 31)]
    const last = statement.words.length - 1
    if (statement.words[last] === word) statement.bits[last] = (statement.bits[last] ?? 0) | bit
    else {
      statement.words.push(word)
      statement.bits.push(bit)
    }
  }
  return { atoms, statements: [...statements.values()] }
}

/** Tells which statements ask for any of these atoms, each once. */
function createMentions(atoms: number, statements: readonly Statement[]) {
  const mentions = Array.from({ length: atoms }, (): number[] => [])
  for (const [number, { formula }] of statements.entries())
    for (const place of new Set(atomsOf(formula))) mentions[place]?.push(number)
  const told = new Uint32Array(statements.length)
  let turn = 0
  return (places: readonly number[], tell: (statement: Statement) => void): void => {
    turn = (turn + 1) >>> 0
    for (const place of places)
      for (const number of mentions[place] ?? []) {
        const statement = statements[number]
        if (!statement || told[number] === turn) continue
        told[number] = turn
        tell(statement)
      }
  }
}

/** Every policy makes one statement, so its bits are nobody else's. */
function enter(row: Row, { words, bits }: Statement, isTrue: boolean): void {
  for (let n = 0; n < words.length; n++) {
    const [word, own] = [words[n] ?? 0, bits[n] ?? 0]
    row[word] = isTrue ? (row[word] ?? 0) | own : (row[word] ?? 0) & ~own
  }
}

const widthOf = (policies: number): number => Math.max(1, Math.ceil(policies / 32))
