import { type ReactNode, useState } from 'react'
import type { Collection, ManagedDevice } from '../../src/graph/contract.ts'
import { call } from '../look/api.ts'
import type { Column } from './columns.tsx'
import { saveCsv } from './csv.ts'

const rowsAtOnce = 1000

/** All rows of a query, page by page. */
async function readAll(query: URLSearchParams): Promise<readonly ManagedDevice[]> {
  const rows: ManagedDevice[] = []
  for (;;) {
    const part = new URLSearchParams(query)
    part.set('$top', String(rowsAtOnce))
    part.set('$skip', String(rows.length))
    const path = `/deviceManagement/managedDevices?${part}`
    const { value, '@odata.count': count } = await call<Collection<ManagedDevice>>('GET', path)
    rows.push(...value)
    if (value.length === 0 || rows.length >= count) return rows
  }
}

/** Saves every device that matches, not only the page at hand, with the columns that are shown. */
export function Export(properties: {
  query: URLSearchParams
  columns: readonly Column[]
  disabled: boolean
  failed(thrown: unknown): void
}): ReactNode {
  const { query, columns, disabled, failed } = properties
  const [busy, setBusy] = useState(false)
  async function save() {
    setBusy(true)
    try {
      const rows = await readAll(query)
      const head = columns.map((column) => column.name)
      saveCsv(
        'devices.csv',
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
      {busy ? 'Exporting…' : 'Export CSV'}
    </button>
  )
}
