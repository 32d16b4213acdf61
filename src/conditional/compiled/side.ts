import { atomsOf, type Formula, holds, mapAtoms } from '../../logic/formula.ts'
import { type Atom, keyOf } from '../atom.ts'

/** One bit per policy, in words of 32. */
export type Row = Int32Array

/** What all policies together ask about one side of a sign-in: every question once, every statement once. */
export interface Side {
  /** Grows with the policies; each keeps its place. */
  readonly atoms: readonly Atom[]
  /** Words of a row. */
  readonly width: number
  /** One more policy, by its number, with its statement. Starting points that were given before know nothing of it. */
  add(policy: number, formula: Formula<Atom>): void
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

/** A side of which no policy has stated anything yet. */
export function createSide(width: number): Side {
  const statements = new Statements()
  const rowOf: Side['rowOf'] = (isTrue) => {
    const row = new Int32Array(width)
    for (const statement of statements.all) enter(row, statement, holds(statement.formula, isTrue))
    return row
  }
  return {
    atoms: statements.atoms,
    width,
    add: (policy, formula) => statements.add(policy, formula),
    rowOf,
    base(isTrue) {
      const row = rowOf(isTrue)
      const truth = statements.atoms.map((_, place) => isTrue(place))
      const isNow = (place: number) => truth[place] === true
      const turn = (places: readonly number[]) => {
        for (const place of places) truth[place] = !truth[place]
      }
      return {
        but(turned) {
          const near = row.slice()
          turn(turned)
          statements.tellAsking(turned, (one) => enter(near, one, holds(one.formula, isNow)))
          turn(turned)
          return near
        },
      }
    },
  }
}

class Statements {
  readonly atoms: Atom[] = []
  readonly all: Statement[] = []
  readonly #places = new Map<string, number>()
  readonly #byText = new Map<string, Statement>()
  /** By atom, the numbers of the statements that ask for it. */
  readonly #mentions: number[][] = []
  readonly #told: number[] = []
  #turn = 0

  add(policy: number, plain: Formula<Atom>): void {
    const formula = mapAtoms(plain, (atom) => this.#placeOf(atom))
    const key = JSON.stringify(formula)
    const { words, bits } = this.#byText.get(key) ?? this.#make(key, formula)
    const [word, bit] = [policy >>> 5, 1 << (policy & 31)]
    const last = words.length - 1
    if (words[last] === word) bits[last] = (bits[last] ?? 0) | bit
    else {
      words.push(word)
      bits.push(bit)
    }
  }

  #placeOf(atom: Atom): number {
    const key = keyOf(atom)
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = this.atoms.push(atom) - 1
    this.#places.set(key, place)
    this.#mentions.push([])
    return place
  }

  #make(key: string, formula: Formula<number>): Statement {
    const statement: Statement = { formula, words: [], bits: [] }
    const number = this.all.push(statement) - 1
    this.#byText.set(key, statement)
    this.#told.push(0)
    for (const place of new Set(atomsOf(formula))) this.#mentions[place]?.push(number)
    return statement
  }

  /** Tells which statements ask for any of these atoms, each once. */
  tellAsking(places: readonly number[], tell: (statement: Statement) => void): void {
    this.#turn += 1
    for (const place of places)
      for (const number of this.#mentions[place] ?? []) {
        const statement = this.all[number]
        if (!statement || this.#told[number] === this.#turn) continue
        this.#told[number] = this.#turn
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

/** Says of one policy whether its statement is true. */
export function enterBit(words: Row, start: number, policy: number, isTrue: boolean): void {
  const at = start + (policy >>> 5)
  const bit = 1 << (policy & 31)
  words[at] = isTrue ? (words[at] ?? 0) | bit : (words[at] ?? 0) & ~bit
}
