import { type ReactNode, useState } from 'react'
import type { Column } from './columns.tsx'
import { saveCsv } from './csv.ts'
import { Grid } from './grid.tsx'
import { Search } from './search.tsx'
import { sorted } from './sorted.ts'

/** A table of rows that are here as a whole: sought, sorted and exported without the server. */
export function LocalRows<T extends { readonly id: string }>(properties: {
  /** Said to those who do not see the table; its heading, where there is no other. */
  title: string
  heading?: ReactNode
  /** Buttons beside the search. */
  more?: ReactNode
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
  const {
    title,
    heading = <h2>{title}</h2>,
    more,
    rows,
    columns,
    what,
    empty,
    name,
    chosen = '',
    choose,
  } = properties
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
        {heading}
        <Search value={search} what={what} placeholder="Search…" search={setSearch} />
        <Save {...{ name, columns }} rows={shown} />
        {more}
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

function Save<T>(properties: {
  name: string
  rows: readonly T[]
  columns: readonly Column<T, string>[]
}): ReactNode {
  const { name, rows, columns } = properties
  return (
    <button
      type="button"
      className="button"
      disabled={rows.length === 0}
      onClick={() =>
        saveCsv(
          `${name}.csv`,
          columns.map((column) => column.name),
          rows.map((row) => columns.map((column) => column.text(row))),
        )
      }
    >
      Export CSV
    </button>
  )
}
