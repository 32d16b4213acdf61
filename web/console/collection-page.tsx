import { type ReactNode, useState } from 'react'
import type { CollectionMember, CollectionRow } from '../../src/graph/collections-contract.ts'
import type { Collection } from '../../src/graph/contract.ts'
import { call } from '../look/api.ts'
import { Confirm, Dialog } from '../look/dialog.tsx'
import { Fault } from '../look/fault.tsx'
import { Field, Form } from '../look/form.tsx'
import { useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { kindName, partsOf } from './collection-words.ts'
import type { Column } from './columns.tsx'
import { Export } from './export.tsx'
import { pageOf } from './pager.tsx'
import { Search } from './search.tsx'
import { counted } from './words.ts'
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
        {value && <Acts {...{ path, row: value, again }} />}
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

function Acts(properties: { path: string; row: CollectionRow; again(): void }): ReactNode {
  const { path, row, again } = properties
  const [asked, setAsked] = useState<'add' | 'delete'>()
  const [busy, setBusy] = useState(false)
  const [thrown, setThrown] = useState<unknown>()
  const close = () => setAsked(undefined)

  async function remove() {
    setBusy(true)
    try {
      await call('DELETE', path)
      location.assign('/console/?view=collections')
    } catch (error) {
      setThrown(error)
      setBusy(false)
      close()
    }
  }

  return (
    <>
      <div className="acts apart">
        <button type="button" className="button" onClick={() => setAsked('add')}>
          Add members…
        </button>
        <button type="button" className="button" onClick={() => setAsked('delete')}>
          Delete…
        </button>
      </div>
      <Fault thrown={thrown} hint />
      {asked === 'add' && (
        <Dialog title="Add members" close={close}>
          <Form
            action="Add"
            submit={async (value) => {
              const add = value('names')
                .split(/[\s,]+/)
                .filter(Boolean)
              await call('POST', `${path}/members`, { add })
              again()
              close()
            }}
          >
            <Field
              label={row.collectionType === 'user' ? 'User names' : 'Device IDs'}
              name="names"
              hint="Several with commas between."
              autoFocus
            />
          </Form>
        </Dialog>
      )}
      {asked === 'delete' && (
        <Confirm
          title={`Delete ${row.displayName}?`}
          action="Delete"
          busy={busy}
          confirm={() => void remove()}
          close={close}
        >
          <p>
            Its {counted(row.memberCount, 'member')} stay what they are. It cannot be deleted while
            a policy is deployed to it, or another collection speaks of it.
          </p>
        </Confirm>
      )}
    </>
  )
}

function columnsOf(row: CollectionRow): readonly Column<CollectionMember>[] {
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
    },
  ]
}

function Members(
  properties: Looking & { row: CollectionRow; path: string; again(): void },
): ReactNode {
  const { row, path, sight, look, tick } = properties
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
  const columns = columnsOf(row)
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
