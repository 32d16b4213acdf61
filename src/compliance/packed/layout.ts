import { type FactKind, factTable } from '../../devices/fact-table.ts'
import type { FactName } from '../../devices/facts.ts'
import { ruleOf, settingNames } from '../rules/registry.ts'
import type { Criterion } from '../rules/rule.ts'

/** Where the number of a fact's value stands in a combination, which has a code. */
export interface Field {
  readonly fact: FactName
  readonly kind: FactKind['kind']
  readonly code: number
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

/** Bits of a combination: a small integer without a sign. */
const combinationBits = 30

/**
 * Facts that the registry names one after the other go together, as who demands one often demands the next. Texts have too
 * many values to be combined.
 */
function layOut(): { fields: ReadonlyMap<FactName, Field>; codes: number } {
  const criteria = settingNames.map((name) => ruleOf(name).criterion)
  const read = criteria.filter(({ kind }) => packableKinds.has(kind)).map(({ facts }) => facts)
  const fields = new Map<FactName, Field>()
  let [last, taken, codes] = [-1, combinationBits, 0]
  for (const facts of unitsOf(read)) {
    const unit = facts.map(fieldOf).filter(({ bits }) => bits > 0)
    const bits = unit.reduce((sum, field) => sum + field.bits, 0)
    // What does not fit is not packed.
    if (bits === 0 || bits > combinationBits) continue
    const isAlone = unit.some(({ kind }) => kind === 'text')
    if (!isAlone && taken + bits > combinationBits) [last, taken] = [codes++, 0]
    const code = isAlone ? codes++ : last
    let shift = isAlone ? 0 : taken
    for (const field of unit) {
      fields.set(field.fact, { ...field, code, shift })
      shift += field.bits
    }
    if (!isAlone) taken = shift
  }
  return { fields, codes }
}

const fieldOf = (fact: FactName): Omit<Field, 'code' | 'shift'> => {
  const kind = factTable[fact]
  return { fact, kind: kind.kind, bits: bitsOf(kind) }
}

/** Facts that some comparison reads together are combined. */
function unitsOf(read: readonly (readonly FactName[])[]): readonly (readonly FactName[])[] {
  let units: readonly (readonly FactName[])[] = []
  for (const facts of read) {
    const touched = units.filter((unit) => unit.some((fact) => facts.includes(fact)))
    const unit = [...new Set([...touched.flat(), ...facts])]
    units = [...units.filter((one) => !touched.includes(one)), unit]
  }
  return units
}

const layout = layOut()

/** The facts that are packed, and how many codes tell them. */
export const { fields, codes: codeCount } = layout

/** The fields that a criterion looks at, all of one code; `undefined` where it cannot be told from such. */
export function fieldsOf({ kind, facts }: Criterion<never>): readonly Field[] | undefined {
  if (!packableKinds.has(kind)) return undefined
  const known = facts.map((fact) => fields.get(fact)).filter((field) => field !== undefined)
  const isOneCode = new Set(known.map(({ code }) => code)).size === 1
  return isOneCode && known.length === facts.length ? known : undefined
}
