import { type SortingState, useTable, type ColumnVisibilityState } from '@tanstack/react-table'
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react'
import type { Collection, ManagedDevice, SessionBody } from '../../src/graph/contract.ts'
import { call, signOut } from '../look/api.ts'
import { Fault, Mark } from '../look/parts.tsx'
import { ColumnChooser } from './chooser.tsx'
import { columns, features, hiddenAtFirst } from './columns.tsx'
import { Details } from './details.tsx'
import { Enforcement } from './enforcement.tsx'
import { saveCsv } from './csv.ts'

const storageName = 'postern.devices.columns'
const noDevices: ManagedDevice[] = []

function rememberedColumns(): ColumnVisibilityState {
  try {
    return { ...hiddenAtFirst, ...JSON.parse(localStorage.getItem(storageName) ?? '{}') }
  } catch {
    return hiddenAtFirst // a broken note of ours: start afresh
  }
}

/** All rows, read anew whenever the server says that something changed. */
function useDevices(): {
  rows: ManagedDevice[] | undefined
  live: boolean
  thrown: unknown
  refresh(): void
} {
  const [rows, setRows] = useState<ManagedDevice[]>()
  const [thrown, setThrown] = useState<unknown>()
  const [live, setLive] = useState(false)
  const refresh = useCallback(() => {
    call<Collection<ManagedDevice>>('GET', '/deviceManagement/managedDevices?$top=10000').then(
      ({ value }) => {
        setRows([...value])
        setThrown(undefined)
      },
      (error: unknown) => setThrown(error),
    )
  }, [])
  useEffect(() => {
    refresh()
    let due: ReturnType<typeof setTimeout> | undefined
    const events = new EventSource('/v1.0/postern/changes')
    events.onopen = () => {
      setLive(true)
      refresh()
    }
    events.onerror = () => setLive(false)
    // A hundred changes at once are one reading.
    events.onmessage = () => {
      due ??= setTimeout(() => {
        due = undefined
        refresh()
      }, 150)
    }
    return () => {
      clearTimeout(due)
      events.close()
    }
  }, [refresh])
  return { rows, live, thrown, refresh }
}

/** The devices page: who reads mail with what, in which state, and why. */
export function Devices(properties: {
  session: SessionBody
  refreshSession(): Promise<void>
}): ReactNode {
  const { session, refreshSession } = properties
  const { rows, live, thrown, refresh } = useDevices()
  const [chosen, setChosen] = useState<string>()
  const [sorting, setSorting] = useState<SortingState>([{ id: 'deviceName', desc: false }])
  const [globalFilter, setGlobalFilter] = useState('')
  const [columnVisibility, setColumnVisibility] = useState<ColumnVisibilityState>(rememberedColumns)
  useEffect(
    () => localStorage.setItem(storageName, JSON.stringify(columnVisibility)),
    [columnVisibility],
  )
  const table = useTable({
    features,
    columns,
    data: rows ?? noDevices,
    getRowId: (row) => row.id,
    globalFilterFn: 'includesString',
    state: { sorting, globalFilter, columnVisibility },
    onSortingChange: setSorting,
    onGlobalFilterChange: setGlobalFilter,
    onColumnVisibilityChange: setColumnVisibility,
  })
  const shownRows = table.getRowModel().rows
  const selected = useMemo(() => rows?.find((row) => row.id === chosen), [rows, chosen])
  return (
    <div className="frame">
      <header className="top">
        <Mark title="Postern" />
        <nav aria-label="Sections">
          <a href="/console/" aria-current="page">
            Devices
          </a>
        </nav>
        <span className="quiet who">{session.user.name}</span>
        <button
          type="button"
          className="button"
          onClick={() => void signOut().finally(() => location.reload())}
        >
          Sign out
        </button>
      </header>
      <Enforcement session={session} rows={rows ?? noDevices} changed={refreshSession} />
      <main className="content">
        <div className="tools">
          <h1>Devices</h1>
          <span className={`state ${live ? 'good' : ''}`} role="status">
            {live ? 'Live' : 'Connecting…'}
          </span>
          <label className="search">
            <span className="hidden">Search devices</span>
            <input
              className="input"
              type="search"
              placeholder="Search name, user, model…"
              value={globalFilter}
              onChange={(event) => setGlobalFilter(event.target.value)}
            />
          </label>
          <ColumnChooser
            columns={table.getAllLeafColumns().map((column) => ({
              id: column.id,
              name: String(column.columnDef.header),
              visible: column.getIsVisible(),
              toggle: () => column.toggleVisibility(),
            }))}
          />
          <button
            type="button"
            className="button"
            disabled={shownRows.length === 0}
            onClick={() =>
              saveCsv(
                'devices.csv',
                table.getVisibleLeafColumns().map((column) => String(column.columnDef.header)),
                shownRows.map((row) =>
                  row.getVisibleCells().map((cell) => String(cell.getValue() ?? '')),
                ),
              )
            }
          >
            Export CSV
          </button>
        </div>
        <Fault thrown={thrown} />
        <div className="sheet grid">
          <table>
            <caption className="hidden">Devices and their Exchange Access State</caption>
            <thead>
              {table.getHeaderGroups().map((group) => (
                <tr key={group.id}>
                  {group.headers.map((header) => {
                    const sorted = header.column.getIsSorted()
                    return (
                      <th
                        key={header.id}
                        aria-sort={
                          sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : 'none'
                        }
                      >
                        <button type="button" onClick={() => header.column.toggleSorting()}>
                          <table.FlexRender header={header} />
                          <span aria-hidden="true">
                            {sorted === 'asc' ? ' ▲' : sorted === 'desc' ? ' ▼' : ''}
                          </span>
                        </button>
                      </th>
                    )
                  })}
                </tr>
              ))}
            </thead>
            <tbody>
              {shownRows.map((row) => (
                <tr
                  key={row.id}
                  className={row.id === chosen ? 'chosen' : ''}
                  onClick={() => setChosen(row.id)}
                >
                  {row.getVisibleCells().map((cell, at) => (
                    <td key={cell.id}>
                      {at === 0 ? (
                        <button type="button" className="link" onClick={() => setChosen(row.id)}>
                          <table.FlexRender cell={cell} />
                        </button>
                      ) : (
                        <table.FlexRender cell={cell} />
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          {rows && shownRows.length === 0 && (
            <p className="empty quiet">
              {rows.length === 0
                ? 'No device has come by yet. Point a phone at this server; it appears here at its first request.'
                : 'No device matches the search.'}
            </p>
          )}
          {!rows && !thrown && <p className="empty quiet">One moment…</p>}
        </div>
        <p className="quiet" role="status">
          {rows ? `${shownRows.length} of ${rows.length} devices` : ''}
        </p>
      </main>
      {selected && (
        <Details device={selected} close={() => setChosen(undefined)} changed={refresh} />
      )}
    </div>
  )
}
