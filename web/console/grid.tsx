import type { ReactNode } from 'react'
import type { ManagedDevice } from '../../src/graph/contract.ts'
import type { Column } from './columns.tsx'

/** The table of devices. On a narrow screen each row is a card. */
export function Grid(properties: {
  rows: readonly ManagedDevice[]
  columns: readonly Column[]
  sort: string
  chosen: string
  sortBy(sort: string): void
  choose(id: string): void
}): ReactNode {
  const { rows, columns, sort, chosen, sortBy, choose } = properties
  return (
    <table>
      <caption className="hidden">Devices and their Exchange Access State</caption>
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
            onClick={() => choose(row.id)}
          >
            {columns.map((column) => (
              <Cell key={column.id} column={column} row={row} choose={choose} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Head(properties: { column: Column; sort: string; sortBy(sort: string): void }): ReactNode {
  const { column, sort, sortBy } = properties
  const [by, direction] = sort.split(' ')
  const isSorted = by === column.id
  const descends = isSorted && direction === 'desc'
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

function Cell(properties: {
  column: Column
  row: ManagedDevice
  choose(id: string): void
}): ReactNode {
  const { column, row, choose } = properties
  const text = column.text(row)
  const shown = column.show?.(row) ?? text
  const label = column.short ?? column.name
  if (column.id !== 'deviceName')
    return (
      <td data-label={label} title={column.show ? undefined : text}>
        {shown}
      </td>
    )
  return (
    <td className="name" data-label={label} title={text}>
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
    </td>
  )
}
