import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'

/** Whether a row is wanted. */
export type Filter = (row: object) => boolean

type Value = string | number | boolean | null

type Comparison = (held: Value, wanted: Value) => boolean

const comparisons: Readonly<Record<string, Comparison>> = {
  eq: (held, wanted) => fold(held) === fold(wanted),
  ne: (held, wanted) => fold(held) !== fold(wanted),
  gt: ordered((sign) => sign > 0),
  ge: ordered((sign) => sign >= 0),
  lt: ordered((sign) => sign < 0),
  le: ordered((sign) => sign <= 0),
}

const functions: Readonly<Record<string, (held: string, wanted: string) => boolean>> = {
  contains: (held, wanted) => held.includes(wanted),
  startswith: (held, wanted) => held.startsWith(wanted),
  endswith: (held, wanted) => held.endsWith(wanted),
}

/** A text, a number, a moment or a word; then brackets and commas. */
const token = /\s*('(?:[^']|'')*'|[\w.:+-]+|[(),])/y

/**
 * `$filter` of OData (4.01 part 2, 5.1.1) as Graph takes it for plain properties: `eq ne gt ge lt le in`, `and or not`,
 * brackets, `contains startswith endswith`; text without regard to case. Throws `request.malformed` for anything else, and
 * for a property that is not one of `properties`; `limit.exceeded` when nested too deeply.
 */
export function readFilter(text: string, properties: Pick<ReadonlySet<string>, 'has'>): Filter {
  const reader = new FilterReader(tokens(text), properties)
  return reader.whole()
}

function tokens(text: string): readonly string[] {
  const found: string[] = []
  const end = text.trimEnd().length
  token.lastIndex = 0
  while (token.lastIndex < end) {
    const at = token.lastIndex
    const match = token.exec(text)?.[1]
    if (match === undefined) throw unreadable(`at character ${at + 1}`)
    found.push(match)
  }
  return found
}

class FilterReader {
  readonly #tokens: readonly string[]
  readonly #properties: Pick<ReadonlySet<string>, 'has'>
  #at = 0
  #depth = 0

  constructor(words: readonly string[], properties: Pick<ReadonlySet<string>, 'has'>) {
    this.#tokens = words
    this.#properties = properties
  }

  whole(): Filter {
    const filter = this.#either()
    if (this.#at < this.#tokens.length) throw unreadable(`${this.#next()} was not expected`)
    return filter
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? 'the end'
  }

  #take(word: string): boolean {
    if (this.#tokens[this.#at] !== word) return false
    this.#at += 1
    return true
  }

  #expect(word: string): void {
    if (!this.#take(word)) throw unreadable(`${word} was expected, not ${this.#next()}`)
  }

  #either(): Filter {
    const sides = [this.#both()]
    while (this.#take('or')) sides.push(this.#both())
    return (row) => sides.some((side) => side(row))
  }

  #both(): Filter {
    const sides = [this.#one()]
    while (this.#take('and')) sides.push(this.#one())
    return (row) => sides.every((side) => side(row))
  }

  #one(): Filter {
    this.#depth += 1
    if (this.#depth > limits.listFilterDepth.value)
      throw new Failure('limit.exceeded', `listFilterDepth: ${limits.listFilterDepth.value} levels`)
    const filter = this.#inner()
    this.#depth -= 1
    return filter
  }

  #inner(): Filter {
    if (this.#take('not')) {
      const inner = this.#one()
      return (row) => !inner(row)
    }
    if (this.#take('(')) {
      const inner = this.#either()
      this.#expect(')')
      return inner
    }
    const word = this.#next()
    if (Object.hasOwn(functions, word)) return this.#call(word)
    const property = this.#property(word)
    const operator = this.#next()
    if (operator === 'in') return this.#oneOf(property)
    const compare = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined
    if (!compare) throw unreadable(`${operator} is no comparison`)
    const wanted = this.#value()
    return (row) => compare(valueOf(row, property), wanted)
  }

  #call(name: string): Filter {
    this.#expect('(')
    const property = this.#property(this.#next())
    this.#expect(',')
    const wanted = fold(this.#value())
    this.#expect(')')
    const matches = functions[name]
    if (!matches || typeof wanted !== 'string') throw unreadable(`${name} compares text`)
    return (row) => {
      const held = fold(valueOf(row, property))
      return typeof held === 'string' && matches(held, wanted)
    }
  }

  #oneOf(property: string): Filter {
    this.#expect('(')
    const wanted = new Set<Value>()
    do wanted.add(fold(this.#value()))
    while (this.#take(','))
    this.#expect(')')
    return (row) => wanted.has(fold(valueOf(row, property)))
  }

  #property(word: string): string {
    if (!this.#properties.has(word)) throw unreadable(`there is no property ${word}`)
    return word
  }

  #value(): Value {
    const word = this.#next()
    if (word.startsWith("'")) return word.slice(1, -1).replaceAll("''", "'")
    if (word === 'true' || word === 'false') return word === 'true'
    if (word === 'null') return null
    // A moment is compared as the text that rows hold: RFC 3339 in UTC sorts by time.
    if (/^\d{4}-\d\d-\d\dT/.test(word) && !Number.isNaN(Date.parse(word)))
      return new Date(word).toISOString()
    if (/^-?\d+(\.\d+)?$/.test(word)) return Number(word)
    throw unreadable(`${word} is no value; text stands in single quotes`)
  }
}

/** Values of different types, and nothing, have no order. */
function ordered(holds: (sign: number) => boolean): Comparison {
  return (held, wanted) => {
    if (held === null || wanted === null || typeof held !== typeof wanted) return false
    return holds(held < wanted ? -1 : held > wanted ? 1 : 0)
  }
}

const fold = (value: Value): Value => (typeof value === 'string' ? value.toLowerCase() : value)

function valueOf(row: object, property: string): Value {
  const value = (row as Readonly<Record<string, unknown>>)[property] // one of its own, checked when read
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  return null
}

const unreadable = (why: string) => new Failure('request.malformed', `$filter: ${why}`)
