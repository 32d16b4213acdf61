import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Collection } from './contract.ts'
import { readFilter } from './filter.ts'

const most = limits.collectionPage.value

const listQuery = z.strictObject({
  $top: z.coerce.number().int().min(1).max(10_000).default(most),
  $skip: z.coerce.number().int().min(0).default(0),
  $skiptoken: z.string().max(256).optional(),
  $count: z.enum(['true', 'false']).optional(),
  $search: z.string().max(256).default(''),
  $filter: z.string().max(limits.listFilterChars.value).default(''),
  $select: z.string().max(limits.listFilterChars.value).default(''),
  $expand: z.string().max(limits.listFilterChars.value).default(''),
  $orderby: z
    .string()
    .regex(/^[A-Za-z]+( (asc|desc))?$/)
    .optional(),
})

/** What a list is, besides its rows. */
export interface Shape {
  /** Names that may be chosen, sorted by and selected; without them those of the rows. */
  readonly properties?: readonly string[]
  /** What `$expand` may name; rows bring all of it, and it is left out where nobody asks. */
  readonly expandable?: readonly string[]
  /** Absolute, with its query: where the next page is found. */
  readonly url?: string
}

/**
 * A page of rows in Graph's envelope: `$filter` and `$search` choose (a search matches any text property), `$orderby` sorts
 * by one property, `$top` and `$skip` page, `$select` and `$expand` say what of a row is wanted. The count is that of all
 * matching rows. Where more follow, `@odata.nextLink` leads on with a `$skiptoken`. Throws `request.malformed`, for an
 * option that is not known too.
 */
export function collection<T extends object>(
  rows: readonly T[],
  query: unknown,
  shape: Shape = {},
): Collection<T> {
  const options = listQuery.parse(query)
  const { $top, $search, $filter, $orderby } = options
  const properties = propertiesOf(rows, shape)
  let matching = rows
  if ($filter.trim()) matching = matching.filter(readFilter($filter, properties))
  const wanted = $search.replaceAll('"', '').trim().toLowerCase()
  if (wanted) matching = matching.filter((row) => mentions(row, wanted))
  if ($orderby) matching = sorted(matching, $orderby, properties)
  const start = options.$skip + placeOf(options.$skiptoken, matching)
  const page = matching.slice(start, start + $top)
  const last = page.at(-1)
  const more = shape.url !== undefined && last && start + $top < matching.length
  const pick = picking<T>(options, shape, properties)
  return {
    '@odata.count': matching.length,
    ...(more && { '@odata.nextLink': nextLink(shape.url, start + $top, last) }),
    value: pick ? page.map((row) => pick(row)) : page,
  }
}

/** Where a list was asked for, absolute. */
export const urlOf = ({ protocol, host, url }: FastifyRequest): string =>
  new URL(url, `${protocol}://${host}`).href

/** One row as `$select` and `$expand` want it. Throws `request.malformed`. */
export function single<T extends object>(row: T, query: unknown, shape: Shape = {}): T {
  const options = listQuery.pick({ $select: true, $expand: true }).parse(query)
  const pick = picking<T>(options, shape, propertiesOf([row], shape))
  return pick ? pick(row) : row
}

type Names = Pick<ReadonlySet<string>, 'has'>

/** Of no rows nothing is known: any name will do where none are told. */
function propertiesOf(rows: readonly object[], { properties, expandable = [] }: Shape): Names {
  if (properties) return new Set(properties)
  if (rows.length === 0) return { has: () => true }
  const names = new Set(rows.flatMap((row) => Object.keys(row)))
  for (const name of expandable) names.delete(name)
  return names
}

/** Undefined: rows are wanted as they are. */
function picking<T extends object>(
  { $select, $expand }: { readonly $select: string; readonly $expand: string },
  { expandable }: Shape,
  properties: Names,
): ((row: T) => T) | undefined {
  const selected = new Set(namesIn($select))
  const expanded = new Set(namesIn($expand))
  for (const name of selected)
    if (!properties.has(name) && !name.startsWith('@'))
      throw new Failure('request.malformed', `$select: there is no property ${name}`)
  for (const name of expanded)
    if (!expandable?.includes(name))
      throw new Failure('request.malformed', `$expand: ${name} cannot be expanded`)
  if (selected.size === 0 && !expandable) return undefined
  const isWanted = (name: string) =>
    expandable?.includes(name)
      ? expanded.has(name)
      : selected.size === 0 || selected.has(name) || name.startsWith('@') || name === 'id'
  return (row) => Object.fromEntries(Object.entries(row).filter(([name]) => isWanted(name))) as T // fewer of its own
}

/** `a,b($expand=c),d` to `a`, `b`, `d`: what is nested is there anyway. */
function namesIn(list: string): readonly string[] {
  return list
    .replaceAll(/\([^()]*\)/g, '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

const idOf = (row: object): string => ('id' in row ? String(row.id) : '')

/** A page goes on behind its last row, wherever that is by now; where it is gone, at the place it had. */
function nextLink(url: string, place: number, last: object): string {
  const next = new URL(url)
  next.searchParams.delete('$skip')
  const token = Buffer.from(JSON.stringify([place, idOf(last)])).toString('base64url')
  next.searchParams.set('$skiptoken', token)
  return next.href
}

const skipToken = z.tuple([z.number().int().min(0), z.string()])

function placeOf(token: string | undefined, rows: readonly object[]): number {
  if (token === undefined) return 0
  const [place, last] = skipToken.parse(parsed(token))
  const found = rows.findIndex((row) => idOf(row) === last)
  return found < 0 ? place : found + 1
}

function parsed(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString())
  } catch (cause) {
    throw new Failure('request.malformed', '$skiptoken: it is none of ours', { cause })
  }
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** Equal ones stay in their order, both ways, so that pages neither repeat nor lose a row. */
function sorted<T extends object>(
  rows: readonly T[],
  $orderby: string,
  properties: Names,
): readonly T[] {
  const [property = '', direction] = $orderby.split(' ')
  if (!properties.has(property))
    throw new Failure('request.malformed', `$orderby: there is no property ${property}`)
  const sign = direction === 'desc' ? -1 : 1
  const keyed = rows.map((row) => {
    const held = row as Readonly<Record<string, unknown>> // `property` is one of its own
    return { row, key: wordOf(held[property]) }
  })
  keyed.sort((a, b) => sign * collator.compare(a.key, b.key))
  return keyed.map(({ row }) => row)
}

function mentions(row: object, wanted: string): boolean {
  return Object.values(row).some(
    (value) => typeof value === 'string' && value.toLowerCase().includes(wanted),
  )
}

/** What a value is sorted by; lists and objects have no order of their own. */
const wordOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
