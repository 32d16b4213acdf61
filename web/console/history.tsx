import type { ReactNode } from 'react'
import type { DirectoryAuditBody } from '../../src/graph/audit-contract.ts'
import type { SessionBody } from '../../src/graph/contract.ts'
import { Fault } from '../look/fault.tsx'
import { Moment } from '../look/moment.tsx'
import { useChanges, useReading } from '../look/reading.ts'
import { useAddress } from './address.ts'
import { Chronicle, type ChronicleSight, closeEntry } from './chronicle.tsx'
import type { Column } from './columns.tsx'
import { Page } from './page.tsx'
import { Panel } from './panel.tsx'

const path = '/auditLogs/directoryAudits'
const first: ChronicleSight = { search: '', before: 0, entry: '' }

/** Who changed what, when, and how it differs. */
export function History({ session }: { session: SessionBody }): ReactNode {
  const { tick, live } = useChanges('/postern/changes')
  const [sight, look] = useAddress('history', first)
  return (
    <Page section="history" session={session} live={live}>
      <Chronicle<DirectoryAuditBody>
        title="History"
        what="changes"
        placeholder="Search who, what, name…"
        file="history"
        filter={filterOf(sight.search)}
        empty={{ filtered: 'No change matches.', all: 'Nobody has changed anything yet.' }}
        {...{ path, columns, sight, look, tick }}
      />
      {sight.entry && (
        <Change key={sight.entry} id={sight.entry} close={() => closeEntry(sight, look)} />
      )}
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
