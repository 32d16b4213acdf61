import type { ReactNode } from 'react'
import type { CollectionRow } from '../../src/graph/collections-contract.ts'
import { call } from '../look/api.ts'
import { Dialog } from '../look/dialog.tsx'
import { Field, Form } from '../look/form.tsx'
import { collectionLink } from './collection-words.ts'

/** Makes a collection of the devices that are in a state now, to do something about them. */
export function CollectionFromState(properties: {
  policy: string
  state: string
  name: string
  close(): void
}): ReactNode {
  const { policy, state, name, close } = properties
  return (
    <Dialog title="Create a collection" close={close}>
      <p className="quiet">
        The devices that are in this state now become its members, and stay in it whatever becomes
        of them.
      </p>
      <Form
        action="Create"
        submit={async (value) => {
          const body = { displayName: value('name'), policy, state }
          const made = await call<CollectionRow>('POST', '/postern/collections/fromState', body)
          location.assign(collectionLink(made.id))
        }}
      >
        <Field label="Name" name="name" defaultValue={name} autoFocus />
      </Form>
    </Dialog>
  )
}
