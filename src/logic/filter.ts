import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { and, atom, type Formula, not, or } from './formula.ts'
import { readTokens, type Token } from './filter-tokens.ts'

/** The operators of the device filter language, hyphen left out. */
export type FilterOperator =
  | 'eq'
  | 'ne'
  | 'startsWith'
  | 'notStartsWith'
  | 'endsWith'
  | 'notEndsWith'
  | 'contains'
  | 'notContains'
  | 'in'
  | 'notIn'

/** What a property is compared with; `null` is the word null. */
export type FilterValue = string | boolean | null | readonly string[]

/** One comparison, `device.model -eq "iPad"`. */
export interface Comparison {
  /** As the vocabulary spells it, with its root: `device.model`. */
  readonly property: string
  readonly operator: FilterOperator
  readonly value: FilterValue
}

/** What a property is, and so how it is compared. A `list` contains whole items, a `text` contains pieces. */
export interface FilterProperty {
  readonly kind: 'text' | 'flag' | 'list'
  /** Default: those that its kind allows. */
  readonly operators?: readonly FilterOperator[]
  /** The only values that it may be compared with. */
  readonly values?: readonly string[]
}

/** The properties that may be spoken of, by root and name: `device.model`. */
export type Vocabulary = Readonly<Record<string, FilterProperty>>

const textOperators: readonly FilterOperator[] = [
  'eq',
  'ne',
  'startsWith',
  'notStartsWith',
  'endsWith',
  'notEndsWith',
  'contains',
  'notContains',
  'in',
  'notIn',
]

const operatorsOf: Readonly<Record<FilterProperty['kind'], readonly FilterOperator[]>> = {
  text: textOperators,
  flag: ['eq', 'ne'],
  list: ['contains', 'notContains'],
}

const operatorBySpelling = new Map(textOperators.map((name) => [name.toLowerCase(), name]))

/**
 * Reads a rule of the device filter language: comparisons bind before `not`, that before `and`, that before `or`. Hyphens
 * may be missing, words may have any case. Throws `filter.invalid` with the place; also for a property that the vocabulary
 * lacks and an operator or value that the property does not take, since such a rule would silently match nothing.
 * Source: Microsoft Learn, "Filter for devices as a condition in Conditional Access policy".
 */
export function readFilter(rule: string, vocabulary: Vocabulary): Formula<Comparison> {
  if (rule.length > limits.filterChars.value)
    throw new Failure('filter.invalid', `longer than ${limits.filterChars.value} characters`)
  return new Reader(readTokens(rule), wordsOf(vocabulary)).whole()
}

type Words = ReadonlyMap<string, { readonly name: string; readonly property: FilterProperty }>

const wordsOf = (vocabulary: Vocabulary): Words =>
  new Map(
    Object.entries(vocabulary).map(([name, property]) => [name.toLowerCase(), { name, property }]),
  )

class Reader {
  readonly #tokens: readonly Token[]
  readonly #words: Words
  #next = 0
  #depth = 0

  constructor(tokens: readonly Token[], words: Words) {
    this.#tokens = tokens
    this.#words = words
  }

  whole(): Formula<Comparison> {
    const formula = this.#or()
    if (this.#peek().kind !== 'end') this.#refuse('expected -and, -or or the end')
    return formula
  }

  #or(): Formula<Comparison> {
    const parts = [this.#and()]
    while (this.#takeWord('or')) parts.push(this.#and())
    return or(...parts)
  }

  #and(): Formula<Comparison> {
    const parts = [this.#not()]
    while (this.#takeWord('and')) parts.push(this.#not())
    return and(...parts)
  }

  #not(): Formula<Comparison> {
    if (!this.#takeWord('not')) return this.#primary()
    return not(this.#within(() => this.#not()))
  }

  #primary(): Formula<Comparison> {
    if (!this.#take('(')) return atom(this.#comparison())
    const inner = this.#within(() => this.#or())
    if (!this.#take(')')) this.#refuse('expected )')
    return inner
  }

  #within<T>(read: () => T): T {
    this.#depth += 1
    if (this.#depth > limits.filterDepth.value) this.#refuse('too deep')
    const value = read()
    this.#depth -= 1
    return value
  }

  #comparison(): Comparison {
    const word = this.#peek()
    const known = word.kind === 'word' ? this.#words.get(word.text.toLowerCase()) : undefined
    if (!known) this.#refuse(`${word.text || 'the end'} is no property`)
    this.#next += 1
    const { name, property } = known
    const spelled = this.#peek()
    const operator =
      spelled.kind === 'word'
        ? operatorBySpelling.get(spelled.text.toLowerCase().replace(/^-/, ''))
        : undefined
    if (!operator) this.#refuse(`${spelled.text || 'the end'} is no operator`)
    if (!(property.operators ?? operatorsOf[property.kind]).includes(operator))
      this.#refuse(`${name} does not take -${operator}`)
    this.#next += 1
    const isList = operator === 'in' || operator === 'notIn'
    const value = isList ? this.#list() : this.#value(property)
    this.#check(name, property, value)
    return { property: name, operator, value }
  }

  #check(name: string, { values }: FilterProperty, value: FilterValue): void {
    if (!values || typeof value !== 'string') return
    const folded = value.toLowerCase()
    if (!values.some((one) => one.toLowerCase() === folded))
      this.#refuse(`${name} is never ${JSON.stringify(value)}, only ${values.join(', ')}`)
  }

  #value({ kind }: FilterProperty): string | boolean | null {
    const { kind: what, text } = this.#peek()
    if (what !== 'text' && what !== 'word') this.#refuse('expected a value')
    const folded = text.toLowerCase()
    if (what === 'word' && folded === 'null') {
      this.#next += 1
      return null
    }
    if (kind === 'flag') {
      if (folded !== 'true' && folded !== 'false') this.#refuse('expected True or False')
      this.#next += 1
      return folded === 'true'
    }
    if (what === 'word') this.#refuse(`${text} must stand in quotes`)
    this.#next += 1
    return text
  }

  #list(): readonly string[] {
    if (!this.#take('[')) this.#refuse('expected [')
    const values: string[] = []
    do {
      const { kind, text } = this.#peek()
      if (kind !== 'text') this.#refuse('expected a value in quotes')
      this.#next += 1
      values.push(text)
    } while (this.#take(','))
    if (!this.#take(']')) this.#refuse('expected ]')
    return values
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: 0 }
  }

  #take(mark: string): boolean {
    const { kind, text } = this.#peek()
    if (kind !== 'mark' || text !== mark) return false
    this.#next += 1
    return true
  }

  #takeWord(word: string): boolean {
    const { kind, text } = this.#peek()
    if (kind !== 'word' || text.toLowerCase().replace(/^-/, '') !== word) return false
    this.#next += 1
    return true
  }

  #refuse(what: string): never {
    throw new Failure('filter.invalid', `character ${this.#peek().at + 1}: ${what}`)
  }
}

/** What is known of a thing, by property; a property that is absent or null is null. */
export type Attributes = Readonly<
  Record<string, string | boolean | readonly string[] | null | undefined>
>

/** Whether a comparison holds for a thing of which this is known. */
export function meets(comparison: Comparison, attributes: Attributes): boolean {
  return isMetBy(comparison, attributes[comparison.property])
}

/**
 * Whether a comparison holds for what its property is. Texts are compared without regard to case. What is null meets no
 * positive comparison and every negative one, so an unregistered device, of which all is null, is excluded by `-ne` and
 * never included by `-eq`.
 */
export function isMetBy({ operator, value }: Comparison, known: Attributes[string]): boolean {
  const positive = positives[operator]
  return positive ? !isMet(positive, value, known ?? null) : isMet(operator, value, known ?? null)
}

function isMet(
  operator: FilterOperator,
  value: FilterValue,
  known: Exclude<Attributes[string], undefined>,
): boolean {
  if (known === null || value === null) return operator === 'eq' && known === value
  if (typeof value === 'boolean') return known === value
  if (typeof value !== 'string') return value.some((one) => isSame(known, one))
  if (typeof known === 'object') return known.some((item) => isSame(item, value))
  if (operator === 'eq') return isSame(known, value)
  const text = String(known).toLowerCase()
  const wanted = value.toLowerCase()
  if (operator === 'startsWith') return text.startsWith(wanted)
  return operator === 'endsWith' ? text.endsWith(wanted) : text.includes(wanted)
}

/** The operator that a negative one is the opposite of. */
const positives: { readonly [O in FilterOperator]?: FilterOperator } = {
  ne: 'eq',
  notStartsWith: 'startsWith',
  notEndsWith: 'endsWith',
  notContains: 'contains',
  notIn: 'in',
}

const isSame = (known: unknown, value: string): boolean =>
  typeof known === 'string' && known.toLowerCase() === value.toLowerCase()
