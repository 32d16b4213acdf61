import { type ReactNode, useState } from 'react'
import type { CollectionRow } from '../../src/graph/collections-contract.ts'
import type { Collection, SessionBody } from '../../src/graph/contract.ts'
import { Fault } from '../look/fault.tsx'
import { useChanges, useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { useAddress } from './address.ts'
import { CollectionPage, type CollectionSight } from './collection-page.tsx'
import { collectionLink, kindName } from './collection-words.ts'
import { NewCollection } from './new-collection.tsx'
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
      <div className="tools">
        <h1>Collections</h1>
        <button type="button" className="button apart" onClick={() => setMaking(true)}>
          New collection…
        </button>
      </div>
      <Fault thrown={thrown} hint />
      {value && value.value.length === 0 && (
        <div className="sheet empty quiet">
          <p>No collection yet. A policy can be deployed to one: to some users, or some devices.</p>
        </div>
      )}
      {value && value.value.length > 0 && <List rows={value.value} />}
      <Waiting reading={{ value, thrown }} />
      {making && <NewCollection others={value?.value ?? []} close={() => setMaking(false)} />}
    </>
  )
}

function List({ rows }: { rows: readonly CollectionRow[] }): ReactNode {
  return (
    <div className="sheet grid policies">
      <table>
        <caption className="hidden">Collections</caption>
        <thead>
          <tr>
            {['Name', 'Members are', 'Members', 'Rule', 'Only members of'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td className="name">
                <a href={collectionLink(row.id)}>{row.displayName}</a>
              </td>
              <td data-label="Members are">{kindName(row)}</td>
              <td data-label="Members" className="number">
                {row.memberCount.toLocaleString('en-US')}
              </td>
              <td data-label="Rule" title={row.rule ?? ''}>
                {row.rule && <code>{row.rule}</code>}
              </td>
              <td data-label="Only members of">{row.limiting}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
