import type { Formula } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import { Kinds } from './kinds.ts'
import type { Stated } from './material.ts'
import type { Rows } from './rows.ts'
import { type Finding, Seen } from './seen.ts'
import { enterBit, type Row } from './side.ts'

/** What there is to ask about one side, and how. Answers are told by the places of questions that have an unusual one. */
interface Asking<T> {
  /** What is told apart besides the answers. */
  readonly label?: (one: T) => string
  /** Unusual answers to the questions from this place on, ascending. */
  readonly unusual: (one: T, from: number) => readonly number[]
  /** The rows of whoever has these unusual answers, one for each variant. */
  readonly rowsOf: (one: T, unusual: readonly number[]) => readonly Row[]
  /** How many rows a kind has. */
  readonly variants: () => number
  readonly isMet: (formula: Formula<Atom>, one: T, variant: number) => boolean
  /** Hears of a new kind, and one that is of it. */
  readonly made?: (kind: number, one: T) => void
  /** Numbers that were given before mean nothing any more. */
  readonly forget?: () => void
}

interface Kind {
  readonly name: string
  /** How many policies its rows know of. */
  edition: number
}

/**
 * Those who were met on one side. Whoever is met is looked at once, and of a policy that came later only what that one asks; those
 * of whom the same is true are one kind. A kind's rows learn of such a policy from the first of the kind who comes again.
 */
export class Crowd<T extends { readonly number?: number | undefined }> {
  readonly rows: Rows
  readonly #asking: Asking<T>
  readonly #seen = new Seen<T>()
  readonly #kinds: Kinds
  /** By the number of the first row. */
  #known: (Kind | undefined)[] = []
  /** What policies state, in the order in which they came, with the number of questions that there were before each. */
  readonly #stated: (Stated & { readonly asked: number })[] = []

  constructor(width: number, asking: Asking<T>) {
    this.#asking = asking
    this.#kinds = new Kinds(width, () => {
      this.#seen.clear()
      this.#known = []
      asking.forget?.()
    })
    this.rows = this.#kinds.rows
  }

  /** One more policy; `asked`: how many questions there were before it. */
  add(stated: Stated, asked: number): void {
    this.#stated.push({ ...stated, asked })
  }

  clear(): void {
    this.#kinds.clear()
  }

  /** The number of the first row. */
  of(one: T): number {
    const known = this.#seen.find(one, this.#stated.length)
    return known < 0 ? this.#meet(one) : known
  }

  #meet(one: T): number {
    const before = this.#seen.last(one)
    const kind = before && this.#known[before.number]
    const number = kind ? this.#meetAgain(one, before, kind) : this.#meetFirst(one)
    this.#seen.put(one, number, this.#stated.length)
    return number
  }

  #meetFirst(one: T): number {
    const { label, unusual, rowsOf } = this.#asking
    const answers = unusual(one, 0)
    return this.#join(nameOf(label?.(one) ?? '', answers), one, () => rowsOf(one, answers))
  }

  /** Only what later policies ask for can tell it apart from its kind. */
  #meetAgain(one: T, { number, edition }: Finding, kind: Kind): number {
    const asked = this.#stated[edition]?.asked
    const more = asked === undefined ? [] : this.#asking.unusual(one, asked)
    if (more.length === 0) {
      this.#update(number, kind, one)
      return number
    }
    const { width } = this.rows
    const count = this.#asking.variants()
    // A copy, since all may begin anew with a new kind.
    const rows = this.rows.words.slice(number * width, (number + count) * width)
    this.#learn(rows, 0, edition, one)
    return this.#join(nameOf(kind.name, more), one, () =>
      Array.from({ length: count }, (_, n) => rows.subarray(n * width, (n + 1) * width)),
    )
  }

  #join(name: string, one: T, make: () => readonly Row[]): number {
    const number = this.#kinds.numberOf(name, this.#asking.variants(), make)
    const known = this.#known[number]
    if (known) this.#update(number, known, one)
    else {
      // Without gaps, which would make it slow.
      while (this.#known.length < number) this.#known.push(undefined)
      this.#known[number] = { name, edition: this.#stated.length }
      this.#asking.made?.(number, one)
    }
    return number
  }

  #update(number: number, kind: Kind, one: T): void {
    if (kind.edition === this.#stated.length) return
    this.#learn(this.rows.words, number * this.rows.width, kind.edition, one)
    kind.edition = this.#stated.length
  }

  /** Enters what is true of this one by the policies that came since. */
  #learn(words: Row, start: number, since: number, one: T): void {
    const count = this.#asking.variants()
    for (const { policy, formula } of this.#stated.slice(since))
      for (let variant = 0; variant < count; variant++)
        enterBit(
          words,
          start + variant * this.rows.width,
          policy,
          this.#asking.isMet(formula, one, variant),
        )
  }
}

/** Whoever is met later and whoever was met before come to the same name. */
const nameOf = (begun: string, unusual: readonly number[]): string =>
  begun + unusual.map((place) => `${place} `).join('')
