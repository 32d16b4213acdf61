import type { ReactNode } from 'react'

interface Choice {
  readonly id: string
  readonly name: string
  readonly visible: boolean
  toggle(): void
}

/** Which columns the table shows; kept in this browser. */
export function ColumnChooser({ columns }: { columns: readonly Choice[] }): ReactNode {
  return (
    <details className="chooser">
      <summary className="button">Columns</summary>
      <fieldset className="sheet">
        <legend className="hidden">Columns</legend>
        {columns.map((column) => (
          <label key={column.id}>
            <input type="checkbox" checked={column.visible} onChange={() => column.toggle()} />
            {column.name}
          </label>
        ))}
      </fieldset>
    </details>
  )
}
