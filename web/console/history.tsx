import { type ReactNode, useState } from 'react'
import type { DirectoryAuditBody } from '../../src/graph/audit-contract.ts'
import type { SessionBody } from '../../src/graph/contract.ts'
import { Fault } from '../look/fault.tsx'
import { Moment } from '../look/moment.tsx'
import { useChanges, useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { useAddress } from './address.ts'
import type { Column } from './columns.tsx'
import { Export } from './export.tsx'
import { Grid } from './grid.tsx'
import { type Page as Rows, tokenOf } from './link.ts'
import { Page } from './page.tsx'
import { Panel } from './panel.tsx'
import { Search } from './search.tsx'
import { Turning } from './turning.tsx'

const path = '/auditLogs/directoryAudits'
const rowsOnPage = 100

const first = { search: '', before: 0, entry: '' }

interface Looking {
  readonly sight: typeof first
  look(change: Partial<typeof first>): void
}

/** Who changed which policy, when, and how it differs. */
export function History({ session }: { session: SessionBody }): ReactNode {
  const { tick, live } = useChanges('/postern/changes')
  const [sight, look] = useAddress('history', first)
  const close = () => {
    look({ entry: '' })
    // Back to where the reader came from.
    document.querySelector<HTMLElement>(`[data-device="${sight.entry}"]`)?.focus()
  }
  return (
    <Page section="history" session={session} live={live}>
      <List {...{ sight, look, tick }} />
      {sight.entry && <Change key={sight.entry} id={sight.entry} close={close} />}
    </Page>
  )
}

const actorOf = ({ initiatedBy: { user, app } }: DirectoryAuditBody): string =>
  user?.userPrincipalName ?? app?.displayName ?? ''

const propertiesOf = ({ targetResources: [target] }: DirectoryAuditBody) =>
  target.modifiedProperties

const unsorted = { unsorted: true } as const

const columns: readonly Column<DirectoryAuditBody, string>[] = [
  {
    id: 'at',
    name: 'Time',
    text: (row) => row.activityDateTime,
    show: (row) => <Moment iso={row.activityDateTime} />,
    ...unsorted,
  },
  { id: 'who', name: 'Who', text: actorOf, ...unsorted },
  { id: 'what', name: 'What', text: (row) => row.activityDisplayName, ...unsorted },
  {
    id: 'name',
    name: 'Name',
    text: ({ targetResources: [target] }) => target.displayName,
    ...unsorted,
  },
  {
    id: 'properties',
    name: 'Properties',
    text: (row) =>
      propertiesOf(row)
        .map(({ displayName }) => displayName)
        .join(', '),
    ...unsorted,
  },
]

const sought = [
  'initiatedBy/user/userPrincipalName',
  'initiatedBy/app/displayName',
  'activityDisplayName',
]

function filterOf(search: string): string {
  const wanted = search.trim().replaceAll("'", "''")
  if (!wanted) return ''
  const named = `targetResources/any(t:contains(t/displayName,'${wanted}'))`
  return [...sought.map((name) => `contains(${name},'${wanted}')`), named].join(' or ')
}

function List({ sight, look, tick }: Looking & { tick: number }): ReactNode {
  const [unsaved, setUnsaved] = useState<unknown>()
  const filter = filterOf(sight.search)
  const query = new URLSearchParams(filter ? { $filter: filter } : {})
  const page = new URLSearchParams(query)
  page.set('$top', String(rowsOnPage))
  if (sight.before > 0) page.set('$skiptoken', String(sight.before))
  const list = useReading<Rows<DirectoryAuditBody>>(`${path}?${page}`, tick)
  const rows = list.value?.value ?? []
  const file = { path, query, columns, name: 'history' }
  const isEmpty = list.value !== undefined && rows.length === 0
  return (
    <>
      <div className="tools">
        <h1>History</h1>
        <Search
          value={sight.search}
          what="changes"
          placeholder="Search who, what, name…"
          search={(search) => look({ search, before: 0 })}
        />
        <Export {...file} disabled={isEmpty} failed={setUnsaved} />
        <Export {...file} format="JSON" disabled={isEmpty} failed={setUnsaved} />
      </div>
      <Fault thrown={unsaved ?? list.thrown} hint />
      <div className="sheet grid">
        <Grid
          {...{ rows, columns }}
          caption="Changes, newest first"
          sort=""
          sortBy={() => {}}
          chosen={sight.entry}
          choose={(entry) => look({ entry })}
        />
        {isEmpty && (
          <p className="empty quiet">
            {tokenOf(list.value) !== ''
              ? 'None among the newest ones; older ones may match: go on.'
              : filter
                ? 'No change matches.'
                : 'Nobody has changed a policy yet.'}
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

function Change({ id, close }: { id: string; close(): void }): ReactNode {
  const { value: row, thrown } = useReading<DirectoryAuditBody>(
    `${path}/${encodeURIComponent(id)}`,
    0,
  )
  const [target] = row?.targetResources ?? []
  return (
    <Panel
      title={target?.displayName || 'Change'}
      about={row && `${row.activityDisplayName}, by ${actorOf(row)}`}
      close={close}
    >
      <Fault thrown={thrown} hint />
      {row && (
        <>
          <p>
            <Moment iso={row.activityDateTime} />
          </p>
          <section>
            <h2>What differs</h2>
            {propertiesOf(row).length === 0 && <p className="quiet">Nothing of it is kept.</p>}
            <dl className="difference">
              {propertiesOf(row).map(({ displayName, oldValue, newValue }) => (
                <div key={`${displayName} ${oldValue} ${newValue}`}>
                  <dt>{displayName || 'all of it'}</dt>
                  <dd>
                    {oldValue !== null && (
                      <del>
                        <span className="hidden">Before: </span>
                        {oldValue}
                      </del>
                    )}
                    {newValue !== null && (
                      <ins>
                        <span className="hidden">After: </span>
                        {newValue}
                      </ins>
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
          <p className="quiet">
            Entry {row.id}, signed. <code>npx postern history verify</code> holds all of them
            against their signatures.
          </p>
        </>
      )}
    </Panel>
  )
}
