import { type ReactNode, useState } from 'react'
import type { CollectionRow } from '../../src/graph/collections-contract.ts'
import type { Collection, SessionBody } from '../../src/graph/contract.ts'
import { Fault } from '../look/fault.tsx'
import { useChanges, useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { useAddress } from './address.ts'
import { CollectionEditor } from './collection-editor.tsx'
import { CollectionPage, type CollectionSight } from './collection-page.tsx'
import { collectionLink, kindName } from './collection-words.ts'
import type { Column } from './columns.tsx'
import { LocalRows } from './local-rows.tsx'
import { Page } from './page.tsx'

/** Nothing is looked at by default: the list of all collections. */
const first: CollectionSight = { collection: '', search: '', sort: 'displayName', page: 0 }

/** Collections of users and devices: what makes somebody a member, and who is one. */
export function Collections({ session }: { session: SessionBody }): ReactNode {
  const { tick, live } = useChanges('/postern/changes')
  const [sight, look] = useAddress('collections', first)
  return (
    <Page section="collections" session={session} live={live}>
      {sight.collection ? <CollectionPage {...{ sight, look, tick }} /> : <All tick={tick} />}
    </Page>
  )
}

function All({ tick }: { tick: number }): ReactNode {
  const { value, thrown } = useReading<Collection<CollectionRow>>(
    '/postern/collections?$orderby=displayName&$top=10000',
    tick,
  )
  const [making, setMaking] = useState(false)
  return (
    <>
      {!value && <h1>Collections</h1>}
      <Fault thrown={thrown} hint />
      {value && (
        <LocalRows
          title="Collections"
          heading={<h1>Collections</h1>}
          more={
            <button type="button" className="button" onClick={() => setMaking(true)}>
              New collection…
            </button>
          }
          rows={value.value}
          columns={columns}
          what="collections"
          name="collections"
          empty="No collection yet. A policy can be deployed to one: to some users, or some devices."
        />
      )}
      <Waiting reading={{ value, thrown }} />
      {making && (
        <CollectionEditor
          others={value?.value ?? []}
          close={() => setMaking(false)}
          saved={({ id }) => location.assign(collectionLink(id))}
        />
      )}
    </>
  )
}

const columns: readonly Column<CollectionRow>[] = [
  {
    id: 'displayName',
    name: 'Name',
    text: (row) => row.displayName,
    show: (row) => <a href={collectionLink(row.id)}>{row.displayName}</a>,
  },
  { id: 'collectionType', name: 'Members are', text: kindName },
  { id: 'memberCount', name: 'Members', text: (row) => String(row.memberCount) },
  {
    id: 'rule',
    name: 'Rule',
    text: (row) => row.rule ?? '',
    show: (row) => row.rule && <code title={row.rule}>{row.rule}</code>,
  },
  { id: 'limiting', name: 'Only members of', text: (row) => row.limiting ?? '' },
]
