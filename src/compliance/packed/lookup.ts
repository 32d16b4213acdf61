import type { Field } from './layout.ts'
import type { Test } from './plan.ts'
import { oddOf, type Values } from './values.ts'

/** What is to be looked up by one code of a device. */
export interface Lookup {
  readonly code: number
  /** By the code: a bit for each list of tests, set where one of the list has something to say. Above it all have. */
  readonly says: Int32Array
}

/** As many lists of tests can be told apart: a bit each. */
export const mostLists = 32

/** Lists of tests, at most so many, as one lookup for each code that they look at. */
export function lookupsOf(lists: readonly (readonly Test[])[], values: Values): readonly Lookup[] {
  const codes = new Map<number, Map<string, Asked>>()
  for (const [list, tests] of lists.entries())
    for (const { code, fields, says } of tests) {
      const ofCode = codes.get(code) ?? new Map<string, Asked>()
      const key = fields.map(({ fact }) => fact).join()
      const asked = ofCode.get(key) ?? { fields, says: new Int32Array(says.length) }
      for (let number = 0; number < says.length; number++)
        asked.says[number] = (asked.says[number] ?? 0) | ((says[number] ?? 1) << list)
      codes.set(code, ofCode.set(key, asked))
    }
  return [...codes].map(([code, all]) => ({
    code,
    says: tableOf(values.combinations(code), [...all.values()]),
  }))
}

/** What all lists ask of the same fields. */
interface Asked {
  readonly fields: readonly Field[]
  /** By the number that the fields make together. */
  readonly says: Int32Array
}

function tableOf(combinations: readonly number[], all: readonly Asked[]): Int32Array {
  const table = new Int32Array(combinations.length)
  for (let code = 0; code < table.length; code++)
    table[code] = saysOf(combinations[code] ?? -1, all)
  return table
}

function saysOf(combination: number, all: readonly Asked[]): number {
  let said = 0
  for (const { fields, says } of all) {
    let [number, bits] = [0, 0]
    for (const field of fields) {
      number |= ((combination >>> field.shift) & oddOf(field)) << bits
      bits += field.bits
    }
    said |= says[number] ?? -1
  }
  return said
}
