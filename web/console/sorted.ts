import type { Column } from './columns.tsx'

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Rows in the order of a column, ` desc` for the other way round; as they come without one. */
export function sorted<T>(
  rows: readonly T[],
  columns: readonly Column<T, string>[],
  sort: string,
): readonly T[] {
  const [id, direction] = sort.split(' ')
  const column = columns.find((one) => one.id === id)
  if (!column) return rows
  const sign = direction === 'desc' ? -1 : 1
  return rows.toSorted((a, b) => sign * collator.compare(column.text(a), column.text(b)))
}
