import { type ReactNode, useState } from 'react'
import type { Column } from './columns.tsx'
import { saveCsv } from './csv.ts'
import { Grid } from './grid.tsx'
import { Search } from './search.tsx'

/** A table of rows that are here as a whole: sought, sorted and exported without the server. */
export function LocalRows<T extends { readonly id: string }>(properties: {
  title: string
  rows: readonly T[]
  columns: readonly Column<T, string>[]
  /** What is sought, in the plural. */
  what: string
  /** Said where there is no row at all. */
  empty: ReactNode
  /** Of the exported file, without its ending. */
  name: string
  chosen?: string
  choose?: (id: string) => void
}): ReactNode {
  const { title, rows, columns, what, empty, name, chosen = '', choose } = properties
  const [search, setSearch] = useState('')
  const [sort, setSort] = useState('')
  const wanted = search.trim().toLowerCase()
  const matching = rows.filter((row) =>
    columns.some((column) => column.text(row).toLowerCase().includes(wanted)),
  )
  const shown = sorted(matching, columns, sort)
  return (
    <>
      <div className="tools">
        <h2>{title}</h2>
        <Search value={search} what={what} placeholder="Search…" search={setSearch} />
        <button
          type="button"
          className="button"
          disabled={shown.length === 0}
          onClick={() =>
            saveCsv(
              `${name}.csv`,
              columns.map((column) => column.name),
              shown.map((row) => columns.map((column) => column.text(row))),
            )
          }
        >
          Export CSV
        </button>
      </div>
      <div className={`sheet grid ${choose ? '' : 'policies'}`}>
        <Grid
          rows={shown}
          sortBy={setSort}
          caption={title}
          {...{ columns, sort, chosen, ...(choose && { choose }) }}
        />
        {shown.length === 0 && (
          <p className="empty quiet">{rows.length === 0 ? empty : 'None matches.'}</p>
        )}
      </div>
    </>
  )
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

function sorted<T>(
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
