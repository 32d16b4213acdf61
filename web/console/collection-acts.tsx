import { type ReactNode, useState } from 'react'
import type { CollectionRow } from '../../src/graph/collections-contract.ts'
import type { Collection } from '../../src/graph/contract.ts'
import { call } from '../look/api.ts'
import { Confirm, Dialog } from '../look/dialog.tsx'
import { Fault } from '../look/fault.tsx'
import { Field, Form } from '../look/form.tsx'
import { useReading } from '../look/reading.ts'
import { CollectionEditor } from './collection-editor.tsx'
import { counted } from './words.ts'

/** What an administrator can do about a collection. */
export function CollectionActs(properties: {
  path: string
  row: CollectionRow
  again(): void
}): ReactNode {
  const { path, row, again } = properties
  const [asked, setAsked] = useState<'change' | 'add' | 'delete'>()
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
        <button type="button" className="button" onClick={() => setAsked('change')}>
          Change…
        </button>
        <button type="button" className="button" onClick={() => setAsked('add')}>
          Add members…
        </button>
        <button type="button" className="button" onClick={() => setAsked('delete')}>
          Delete…
        </button>
      </div>
      <Fault thrown={thrown} hint />
      {asked === 'change' && (
        <Changing
          row={row}
          close={close}
          saved={() => {
            again()
            close()
          }}
        />
      )}
      {asked === 'add' && <Adding {...{ path, row, close }} saved={again} />}
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

function Adding(properties: {
  path: string
  row: CollectionRow
  close(): void
  saved(): void
}): ReactNode {
  const { path, row, close, saved } = properties
  return (
    <Dialog title="Add members" close={close}>
      <Form
        action="Add"
        submit={async (value) => {
          const add = value('names')
            .split(/[\s,]+/)
            .filter(Boolean)
          await call('POST', `${path}/members`, { add })
          saved()
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
  )
}

function Changing(properties: { row: CollectionRow; close(): void; saved(): void }): ReactNode {
  const all = useReading<Collection<CollectionRow>>(
    '/postern/collections?$orderby=displayName&$top=10000',
    0,
  )
  if (!all.value) return <Fault thrown={all.thrown} hint />
  return <CollectionEditor others={all.value.value} {...properties} />
}
