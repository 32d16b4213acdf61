import type { FactName, Facts } from '../../devices/facts.ts'
import { type Field, fields } from './layout.ts'

/** Numbers of the values that facts have, given as the values come. */
export interface Values {
  /** Writes the numbers of these facts from this place on. */
  write(facts: Facts, words: Int32Array, at: number): void
  /** The values of a field by their numbers; `undefined` is an absent one. The number above all of them is of no value. */
  known(field: Field): readonly unknown[]
}

/** The number of a value that has none: whatever is asked about it must be asked of the fact itself. */
export const oddOf = ({ bits }: Field): number => 2 ** bits - 1

/** No values yet, but those of switches, whose numbers are fixed. */
export function createValues(): Values {
  const places = [...fields.values()].map((field) => {
    const values: unknown[] = field.kind === 'flag' ? [undefined, false, true] : [undefined]
    return { field, values, numbers: new Map(values.map((value, number) => [value, number])) }
  })
  const byFact = new Map<FactName, readonly unknown[]>(
    places.map(({ field, values }) => [field.fact, values]),
  )
  return {
    write(facts, words, at) {
      for (const { field, values, numbers } of places) {
        const fact = facts[field.fact]
        if (!fact) continue
        let number = numbers.get(fact.value)
        if (number === undefined) {
          number = values.length
          if (number >= oddOf(field)) number = oddOf(field)
          else {
            values.push(fact.value)
            numbers.set(fact.value, number)
          }
        }
        const place = at + field.word
        words[place] = (words[place] ?? 0) | (number << field.shift)
      }
    },
    known: (field) => byFact.get(field.fact) ?? [],
  }
}
