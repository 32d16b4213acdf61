import { z } from 'zod'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Collection } from './contract.ts'
import { readFilter } from './filter.ts'

const most = limits.collectionPage.value

const listQuery = z.object({
  $top: z.coerce.number().int().min(1).max(10_000).default(most),
  $skip: z.coerce.number().int().min(0).default(0),
  $search: z.string().max(256).default(''),
  $filter: z.string().max(limits.listFilterChars.value).default(''),
  $orderby: z
    .string()
    .regex(/^[A-Za-z]+( (asc|desc))?$/)
    .optional(),
})

/**
 * A page of rows in Graph's envelope: `$filter` and `$search` choose (a search matches any text property), `$orderby` sorts
 * by one property, `$top` and `$skip` page. The count is that of all matching rows. Throws `request.malformed`.
 */
export function collection<T extends object>(rows: readonly T[], query: unknown): Collection<T> {
  const { $top, $skip, $search, $filter, $orderby } = listQuery.parse(query)
  const properties = new Set(Object.keys(rows[0] ?? {}))
  let matching = rows
  // Of no rows nothing is known, and nothing can be chosen.
  if ($filter.trim() && rows.length > 0) matching = matching.filter(readFilter($filter, properties))
  const wanted = $search.replaceAll('"', '').trim().toLowerCase()
  if (wanted) matching = matching.filter((row) => mentions(row, wanted))
  if ($orderby && rows.length > 0) matching = sorted(matching, $orderby, properties)
  return { '@odata.count': matching.length, value: matching.slice($skip, $skip + $top) }
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** Equal ones stay in their order, both ways, so that pages neither repeat nor lose a row. */
function sorted<T extends object>(
  rows: readonly T[],
  $orderby: string,
  properties: ReadonlySet<string>,
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
