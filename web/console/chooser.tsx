import { type ReactNode, useEffect, useRef } from 'react'
import { type Column, columns } from './columns.tsx'

/** Which columns the table shows. */
export function ColumnChooser(properties: {
  isShown(column: Column): boolean
  toggle(column: Column): void
}): ReactNode {
  const { isShown, toggle } = properties
  const menu = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    const leave = (event: Event) => {
      const within = event.target instanceof Node && menu.current?.contains(event.target)
      if (!within) menu.current?.removeAttribute('open')
    }
    document.addEventListener('pointerdown', leave)
    document.addEventListener('focusin', leave)
    return () => {
      document.removeEventListener('pointerdown', leave)
      document.removeEventListener('focusin', leave)
    }
  }, [])
  return (
    <details
      className="chooser"
      ref={menu}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !menu.current?.open) return
        event.stopPropagation()
        menu.current.removeAttribute('open')
        menu.current.querySelector('summary')?.focus()
      }}
    >
      <summary className="button">Columns</summary>
      <fieldset className="sheet">
        <legend className="hidden">Columns</legend>
        {columns.map((column) => (
          <label key={column.id}>
            <input
              type="checkbox"
              checked={isShown(column)}
              // A table without names is of no use.
              disabled={column.id === 'deviceName'}
              onChange={() => toggle(column)}
            />
            {column.name}
          </label>
        ))}
      </fieldset>
    </details>
  )
}
