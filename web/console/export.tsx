import { type ReactNode, useState } from 'react'
import { call } from '../look/api.ts'
import type { Column } from './columns.tsx'
import { saveCsv, saveJson } from './csv.ts'
import { type Page, tokenOf } from './link.ts'

const rowsAtOnce = 1000

/** All rows of a query, page by page, by the links of the server. */
async function readAll<T>(path: string, query: URLSearchParams): Promise<readonly T[]> {
  const rows: T[] = []
  const part = new URLSearchParams(query)
  part.set('$top', String(rowsAtOnce))
  for (;;) {
    const page = await call<Page<T>>('GET', `${path}?${part}`)
    rows.push(...page.value)
    const token = tokenOf(page)
    if (!token) return rows
    part.set('$skiptoken', token)
  }
}

/** Saves every row that matches, not only the page at hand: as CSV with the columns that are shown, as JSON whole. */
export function Export<T>(properties: {
  path: string
  query: URLSearchParams
  columns: readonly Column<T, string>[]
  /** Of the file, without its ending. */
  name: string
  format?: 'CSV' | 'JSON'
  disabled: boolean
  failed(thrown: unknown): void
}): ReactNode {
  const { path, query, columns, name, format = 'CSV', disabled, failed } = properties
  const [busy, setBusy] = useState(false)
  async function save() {
    setBusy(true)
    try {
      const rows = await readAll<T>(path, query)
      const head = columns.map((column) => column.name)
      if (format === 'JSON') saveJson(`${name}.json`, rows)
      else
        saveCsv(
          `${name}.csv`,
          head,
          rows.map((row) => columns.map((column) => column.text(row))),
        )
      failed(undefined)
    } catch (thrown) {
      failed(thrown)
    }
    setBusy(false)
  }
  return (
    <button
      type="button"
      className="button"
      disabled={disabled || busy}
      onClick={() => void save()}
    >
      {busy ? 'Exporting…' : `Export ${format}`}
    </button>
  )
}
