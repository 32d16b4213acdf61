import type { ReactNode } from 'react'
import type { Column } from './columns.tsx'

/** A table. On a narrow screen each row is a card. */
export function Grid<T extends { readonly id: string }>(properties: {
  rows: readonly T[]
  columns: readonly Column<T, string>[]
  caption: string
  sort: string
  chosen: string
  sortBy(sort: string): void
  /** Without it rows are only looked at. */
  choose?: (id: string) => void
}): ReactNode {
  const { rows, columns, caption, sort, chosen, sortBy, choose } = properties
  return (
    <table>
      <caption className="hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <Head key={column.id} column={column} sort={sort} sortBy={sortBy} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={row.id}
            className={row.id === chosen ? 'chosen' : ''}
            onClick={() => choose?.(row.id)}
          >
            {columns.map((column, at) => (
              <Cell
                key={column.id}
                column={column}
                row={row}
                choose={at === 0 ? choose : undefined}
                isName={at === 0}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The head of a column; pressed, it sorts by it, and again the other way round. */
export function Head<T>(properties: {
  column: Column<T, string>
  sort: string
  sortBy(sort: string): void
}): ReactNode {
  const { column, sort, sortBy } = properties
  const [by, direction] = sort.split(' ')
  const isSorted = by === column.id
  const descends = isSorted && direction === 'desc'
  if (column.unsorted) return <th scope="col">{column.short ?? column.name}</th>
  return (
    <th
      scope="col"
      title={column.name}
      aria-sort={isSorted ? (descends ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        onClick={() => sortBy(isSorted && !descends ? `${column.id} desc` : column.id)}
      >
        {column.short ?? column.name}
        {isSorted && (
          <span className="arrow" aria-hidden="true">
            {descends ? '▼' : '▲'}
          </span>
        )}
      </button>
    </th>
  )
}

function Cell<T extends { readonly id: string }>(properties: {
  column: Column<T, string>
  row: T
  isName: boolean
  choose: ((id: string) => void) | undefined
}): ReactNode {
  const { column, row, isName, choose } = properties
  const text = column.text(row)
  const shown = column.show?.(row) ?? text
  const label = column.short ?? column.name
  if (!isName)
    return (
      <td data-label={label} title={column.show ? undefined : text}>
        {shown}
      </td>
    )
  return (
    <td className="name" data-label={label} title={text}>
      {choose ? (
        <button
          type="button"
          className="link"
          data-device={row.id}
          onClick={(event) => {
            event.stopPropagation()
            choose(row.id)
          }}
        >
          {shown}
        </button>
      ) : (
        shown
      )}
    </td>
  )
}
