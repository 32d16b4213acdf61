import { type FactKind, factTable } from '../../devices/fact-table.ts'
import type { FactName } from '../../devices/facts.ts'
import { ruleOf, settingNames } from '../rules/registry.ts'
import type { Criterion } from '../rules/rule.ts'

/** Where the number of a fact's value stands in the record of a device. */
export interface Field {
  readonly fact: FactName
  readonly kind: FactKind['kind']
  readonly word: number
  readonly shift: number
  readonly bits: number
}

/**
 * Comparisons that rest on nothing but the facts they name: a ruling is a function of the values of these alone. What looks
 * at the time, at mail profiles or at long lists is not among them, and a new kind is not until somebody adds it.
 */
const packableKinds: ReadonlySet<string> = new Set([
  'isTrue',
  'isFalse',
  'isNot',
  'allTrue',
  'anyReported',
  'hardwareBacked',
  'atLeast',
  'atMost',
  'atMostNotZero',
  'rankAtLeast',
  'rankAtMost',
  'versionAtLeast',
  'versionAtMost',
  'versionInRanges',
  'buildAtLeast',
  'buildAtMost',
  'dayAtLeast',
])

/** Bits for the numbers of a fact's values: 0 says that it is absent, the highest that its value has no number. */
function bitsOf(kind: FactKind): number {
  switch (kind.kind) {
    case 'flag':
      return 2
    case 'choice':
      return Math.ceil(Math.log2(kind.choices.length + 2))
    // Of all devices together few say more than sixty lengths or delays of one kind.
    case 'count':
      return 6
    // Thousands of versions.
    case 'text':
      return 12
    default:
      return 0
  }
}

function layOut(): { fields: ReadonlyMap<FactName, Field>; words: number } {
  const criteria = settingNames.map((name) => ruleOf(name).criterion)
  const read = criteria.filter(({ kind }) => packableKinds.has(kind)).flatMap(({ facts }) => facts)
  const free: number[] = []
  const fields = new Map<FactName, Field>()
  const wide = [...new Set(read)]
    .map((fact) => ({ fact, kind: factTable[fact].kind, bits: bitsOf(factTable[fact]) }))
    .filter(({ bits }) => bits > 0)
    .sort((a, b) => b.bits - a.bits)
  for (const { fact, kind, bits } of wide) {
    const found = free.findIndex((room) => room >= bits)
    const word = found < 0 ? free.length : found
    const room = free[word] ?? 32
    fields.set(fact, { fact, kind, word, shift: 32 - room, bits })
    free[word] = room - bits
  }
  return { fields, words: free.length }
}

const layout = layOut()

/** The facts that are packed, and how many words of 32 bits they take. */
export const { fields, words: factWords } = layout

/** More values of a criterion together than this make too long a table. */
const tableBits = 16

/** The fields that a criterion looks at; `undefined` where it cannot be told from fields alone. */
export function fieldsOf({ kind, facts }: Criterion<never>): readonly Field[] | undefined {
  if (!packableKinds.has(kind)) return undefined
  const found = facts.map((fact) => fields.get(fact))
  const known = found.filter((field) => field !== undefined)
  const bits = known.reduce((sum, field) => sum + field.bits, 0)
  return known.length === found.length && bits <= tableBits ? known : undefined
}
