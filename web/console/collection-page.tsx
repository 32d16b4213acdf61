import { type ReactNode, useState } from 'react'
import type { CollectionMember, CollectionRow } from '../../src/graph/collections-contract.ts'
import type { Collection } from '../../src/graph/contract.ts'
import { call } from '../look/api.ts'
import { Fault } from '../look/fault.tsx'
import { useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { CollectionActs } from './collection-acts.tsx'
import { kindName, partsOf } from './collection-words.ts'
import type { Column } from './columns.tsx'
import { Export } from './export.tsx'
import { pageOf } from './pager.tsx'
import { Search } from './search.tsx'
import { Rows } from './rows.tsx'

/** What is looked at: a collection, and which of its members. */
export interface CollectionSight {
  readonly collection: string
  readonly search: string
  readonly sort: string
  readonly page: number
}

interface Looking {
  readonly sight: CollectionSight
  look(change: Partial<CollectionSight>): void
  readonly tick: number
}

/** One collection: what makes somebody a member, and who is one now. */
export function CollectionPage({ sight, look, tick }: Looking): ReactNode {
  const path = `/postern/collections/${encodeURIComponent(sight.collection)}`
  const { value, thrown, again } = useReading<CollectionRow>(path, tick)
  return (
    <>
      <nav aria-label="Back">
        <a href="/console/?view=collections">Collections</a>
      </nav>
      <div className="tools">
        <h1>{value?.displayName ?? 'Collection'}</h1>
        {value && <CollectionActs {...{ path, row: value, again }} />}
      </div>
      <Fault thrown={thrown} hint />
      {value && (
        <>
          {value.description && <p className="quiet">{value.description}</p>}
          <dl className="makeup">
            {partsOf(value).map(([name, text]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{name === 'Rule' ? <code>{text}</code> : text}</dd>
              </div>
            ))}
          </dl>
          <Members row={value} path={`${path}/members`} {...{ sight, look, tick, again }} />
        </>
      )}
      <Waiting reading={{ value, thrown }} />
    </>
  )
}

function columnsOf(
  row: CollectionRow,
  remove: (id: string) => void,
): readonly Column<CollectionMember>[] {
  const direct = new Set(row.directMembers)
  const isUser = row.collectionType === 'user'
  return [
    { id: 'displayName', name: 'Name', text: (member) => member.displayName },
    {
      id: 'detail',
      name: isUser ? 'Mail address' : 'Operating system',
      text: (member) => member.detail,
    },
    {
      id: 'id',
      name: 'Member by',
      unsorted: true,
      text: (member) => (direct.has(member.id) ? 'Name' : 'Rule or collection'),
      show: (member) =>
        direct.has(member.id) ? (
          <>
            Name{' '}
            <button type="button" className="link" onClick={() => remove(member.id)}>
              Remove<span className="hidden"> {member.displayName}</span>
            </button>
          </>
        ) : (
          'Rule or collection'
        ),
    },
  ]
}

function Members(
  properties: Looking & { row: CollectionRow; path: string; again(): void },
): ReactNode {
  const { row, path, sight, look, tick, again } = properties
  const [unsaved, setUnsaved] = useState<unknown>()
  const query = new URLSearchParams({
    $orderby: sight.sort,
    ...(sight.search && { $search: sight.search }),
  })
  // Read again when the collection itself is another one.
  const list = useReading<Collection<CollectionMember>>(
    `${path}?${pageOf(query, sight.page)}`,
    tick + row.directMembers.length,
  )
  const count = list.value?.['@odata.count'] ?? 0
  const remove = (id: string) => {
    call('POST', path, { remove: [id] }).then(
      () => {
        setUnsaved(undefined)
        again()
        list.again()
      },
      (thrown: unknown) => setUnsaved(thrown),
    )
  }
  const columns = columnsOf(row, remove)
  return (
    <>
      <div className="tools">
        <h2>{kindName(row)}</h2>
        <Search
          value={sight.search}
          what="members"
          placeholder="Search name, ID…"
          search={(search) => look({ search, page: 0 })}
        />
        <Export
          {...{ path, query, columns, name: row.displayName }}
          disabled={count === 0}
          failed={setUnsaved}
        />
      </div>
      <Fault thrown={unsaved ?? list.thrown} hint />
      <Rows
        {...{ list, columns, sight, look }}
        caption="Members"
        total={row.memberCount}
        noun="member"
        empty={sight.search ? 'No member matches.' : 'No members now.'}
        className="sheet grid policies"
      />
    </>
  )
}
