import { z } from 'zod'
import type { Collection } from './contract.ts'

const most = 1000

const listQuery = z.object({
  $top: z.coerce.number().int().min(1).max(10_000).default(most),
  $skip: z.coerce.number().int().min(0).default(0),
  $search: z.string().max(256).default(''),
  $orderby: z
    .string()
    .regex(/^[A-Za-z]+( (asc|desc))?$/)
    .optional(),
})

/**
 * A page of rows in Graph's envelope: `$search` matches any text property, `$orderby` one property, `$top` and `$skip` page.
 * The count is that of all matching rows.
 */
export function collection<T extends object>(rows: readonly T[], query: unknown): Collection<T> {
  const { $top, $skip, $search, $orderby } = listQuery.parse(query)
  const wanted = $search.replaceAll('"', '').trim().toLowerCase()
  const matching = wanted ? rows.filter((row) => mentions(row, wanted)) : [...rows]
  if ($orderby) {
    const [property = '', direction] = $orderby.split(' ')
    const sign = direction === 'desc' ? -1 : 1
    matching.sort((a, b) => sign * compare(valueOf(a, property), valueOf(b, property)))
  }
  return { '@odata.count': matching.length, value: matching.slice($skip, $skip + $top) }
}

const valueOf = (row: object, property: string): unknown =>
  Object.entries(row).find(([name]) => name === property)?.[1]

function mentions(row: object, wanted: string): boolean {
  return Object.values(row).some(
    (value) => typeof value === 'string' && value.toLowerCase().includes(wanted),
  )
}

const compare = (a: unknown, b: unknown): number =>
  wordOf(a).localeCompare(wordOf(b), 'en', { numeric: true })

/** What a value is sorted by; lists and objects have no order of their own. */
const wordOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
