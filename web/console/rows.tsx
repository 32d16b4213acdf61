import type { ReactNode } from 'react'
import type { Collection } from '../../src/graph/contract.ts'
import type { Reading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import type { Column } from './columns.tsx'
import { Grid } from './grid.tsx'
import { Pager } from './pager.tsx'

/** Which rows are looked at, as the address of the page says it. */
interface RowSight {
  readonly sort: string
  readonly page: number
}

/** A page of a list of the server: its table, what is said where it is empty, and the way to the other pages. */
export function Rows<T extends { readonly id: string }>(properties: {
  list: Reading<Collection<T>>
  columns: readonly Column<T, string>[]
  caption: string
  sight: RowSight
  look(change: Partial<RowSight>): void
  /** Said where no row is to be shown. */
  empty: ReactNode
  /** How many there are without a search. */
  total: number
  noun?: string
  className?: string
  chosen?: string
  choose?: (id: string) => void
}): ReactNode {
  const { list, columns, caption, sight, look, empty, total } = properties
  const { noun, className = 'sheet grid', chosen = '', choose } = properties
  const count = list.value?.['@odata.count'] ?? 0
  return (
    <>
      <div className={className}>
        <Grid
          rows={list.value?.value ?? []}
          {...{ columns, caption, chosen }}
          sort={sight.sort}
          sortBy={(sort) => look({ sort, page: 0 })}
          {...(choose && { choose })}
        />
        {list.value && count === 0 && <p className="empty quiet">{empty}</p>}
        <Waiting reading={list} />
      </div>
      {list.value && (
        <Pager
          page={sight.page}
          {...{ count, total, ...(noun !== undefined && { noun }) }}
          turn={(page) => {
            look({ page })
            scrollTo({ top: 0 })
          }}
        />
      )}
    </>
  )
}
