import { useEffect, useState } from 'react'
import { type Column, columns } from './columns.tsx'

const storageName = 'postern.devices.columns'

/** Which columns differ from what is shown at first. */
type Choice = Readonly<Record<string, boolean>>

/** What this person chose in this browser; another one begins afresh. */
function remembered(key: string): Choice {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '{}')
    if (typeof kept !== 'object' || kept === null) return {}
    const flags = Object.entries(kept).filter(([, shown]) => typeof shown === 'boolean')
    return Object.fromEntries(flags)
  } catch {
    return {} // a broken note of ours
  }
}

/** The columns that are shown; chosen ones are kept in this browser, for this person. */
export function useChosenColumns(
  person: string,
  observing: boolean,
): {
  readonly shown: readonly Column[]
  isShown(column: Column): boolean
  toggle(column: Column): void
} {
  const key = `${storageName}.${person}`
  const [choice, setChoice] = useState(() => remembered(key))
  useEffect(() => localStorage.setItem(key, JSON.stringify(choice)), [key, choice])
  const isShown = (column: Column) => {
    // What enforcing would do is told while nothing is enforced.
    const usual = column.id === 'judged' ? observing : !column.hidden
    return choice[column.id] ?? usual
  }
  return {
    shown: columns.filter(isShown),
    isShown,
    toggle: (column) => setChoice((was) => ({ ...was, [column.id]: !isShown(column) })),
  }
}
