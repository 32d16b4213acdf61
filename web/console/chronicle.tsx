import { type ReactNode, useState } from 'react'
import { Fault } from '../look/fault.tsx'
import { useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import type { Column } from './columns.tsx'
import { Export } from './export.tsx'
import { Grid } from './grid.tsx'
import { type Page as Rows, tokenOf } from './link.ts'
import { Search } from './search.tsx'
import { Turning } from './turning.tsx'

const rowsOnPage = 100

/** What is looked at in a list of entries, newest first. */
export interface ChronicleSight {
  readonly search: string
  /** Behind which entry the page begins; 0 for the newest. */
  readonly before: number
  /** The entry whose details are open. */
  readonly entry: string
}

interface Shown<T> {
  title: string
  /** What its entries are called, as in "Search changes". */
  what: string
  placeholder: string
  path: string
  /** In OData; empty for all. */
  filter: string
  columns: readonly Column<T, string>[]
  /** Those of a file, where it has more. */
  exported?: readonly Column<T, string>[]
  /** Of the file, without its ending. */
  file: string
  empty: { readonly filtered: string; readonly all: string }
  sight: ChronicleSight
  look(change: Partial<ChronicleSight>): void
  tick: number
  /** More to choose by. */
  children?: ReactNode
}

/** Entries of the server, newest first: sought, paged and exported; a row opens its details. */
export function Chronicle<T extends { readonly id: string }>(properties: Shown<T>): ReactNode {
  const { title, what, placeholder, path, filter, columns, empty, sight, look, tick } = properties
  const [unsaved, setUnsaved] = useState<unknown>()
  const query = new URLSearchParams(filter ? { $filter: filter } : {})
  const list = useReading<Rows<T>>(`${path}?${pageOf(query, sight)}`, tick)
  const rows = list.value?.value ?? []
  const isEmpty = list.value !== undefined && rows.length === 0
  const saved = { path, query, columns: properties.exported ?? columns, name: properties.file }
  const why = filter ? empty.filtered : empty.all
  const more = tokenOf(list.value) !== ''
  return (
    <>
      <div className="tools">
        <h1>{title}</h1>
        <Search
          value={sight.search}
          what={what}
          placeholder={placeholder}
          search={(search) => look({ search, before: 0 })}
        />
        <Export {...saved} disabled={isEmpty} failed={setUnsaved} />
        <Export {...saved} format="JSON" disabled={isEmpty} failed={setUnsaved} />
      </div>
      {properties.children}
      <Fault thrown={unsaved ?? list.thrown} hint />
      <div className="sheet grid">
        <Grid
          {...{ rows, columns }}
          caption={`${title}, newest first`}
          sort=""
          sortBy={() => {}}
          chosen={sight.entry}
          choose={(entry) => look({ entry })}
        />
        {isEmpty && (
          <p className="empty quiet">
            {more ? 'None among the newest ones; older ones may match: go on.' : why}
          </p>
        )}
        <Waiting reading={list} />
      </div>
      {list.value && (
        <Turning
          key={filter}
          next={Number(tokenOf(list.value))}
          count={rows.length}
          before={sight.before}
          turn={(before) => look({ before, entry: '' })}
        />
      )}
    </>
  )
}

function pageOf(query: URLSearchParams, { before }: ChronicleSight): URLSearchParams {
  const page = new URLSearchParams(query)
  page.set('$top', String(rowsOnPage))
  if (before > 0) page.set('$skiptoken', String(before))
  return page
}

/** Closes the details, and goes back to where the reader came from. */
export function closeEntry({ entry }: ChronicleSight, look: (change: { entry: '' }) => void): void {
  look({ entry: '' })
  document.querySelector<HTMLElement>(`[data-device="${entry}"]`)?.focus()
}
