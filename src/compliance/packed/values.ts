import type { FactName, Facts } from '../../devices/facts.ts'
import { codeCount, type Field, fields } from './layout.ts'

/** Numbers of the values that facts have, and codes of their combinations, given as they come. */
export interface Values {
  /** Writes the codes of these facts into this row. */
  write(facts: Facts, codes: readonly Uint16Array[], row: number): void
  /** The values of a field by their numbers; `undefined` is an absent one. The number above all of them is of no value. */
  known(field: Field): readonly unknown[]
  /** The combinations of numbers, by their codes. */
  combinations(code: number): readonly number[]
}

/** The number of a value that has none: whatever is asked about it must be asked of the fact itself. */
export const oddOf = ({ bits }: Field): number => 2 ** bits - 1

/** The same of combinations. */
const oddCode = 2 ** 16 - 1

/** No values yet, but those of switches, whose numbers are fixed. */
export function createValues(): Values {
  const places = [...fields.values()].map((field) => {
    const values = field.kind === 'flag' ? [undefined, false, true] : [undefined]
    return { field, values: numbered<unknown>(values, oddOf(field)) }
  })
  const byFact = new Map<FactName, Numbered<unknown>>(
    places.map(({ field, values }) => [field.fact, values]),
  )
  const combinations = Array.from({ length: codeCount }, () => numbered([0], oddCode))
  return {
    write(facts, codes, row) {
      const combined = new Int32Array(codeCount)
      for (const { field, values } of places) {
        const fact = facts[field.fact]
        if (!fact) continue
        const number = values.numberOf(fact.value)
        combined[field.code] = (combined[field.code] ?? 0) | (number << field.shift)
      }
      for (const [code, { numberOf }] of combinations.entries()) {
        const column = codes[code]
        if (column) column[row] = numberOf(combined[code] ?? 0)
      }
    },
    known: (field) => byFact.get(field.fact)?.all ?? [],
    combinations: (code) => combinations[code]?.all ?? [],
  }
}

interface Numbered<T> {
  numberOf(one: T): number
  readonly all: readonly T[]
}

/** Numbers from 0 on; `odd` for whatever comes when there are no others left. */
function numbered<T>(first: readonly T[], odd: number): Numbered<T> {
  const all = [...first]
  const numbers = new Map(all.map((one, number) => [one, number]))
  return {
    all,
    numberOf(one) {
      const known = numbers.get(one)
      if (known !== undefined) return known
      if (all.length >= odd) return odd
      numbers.set(one, all.length)
      return all.push(one) - 1
    },
  }
}
