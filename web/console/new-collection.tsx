import { type ReactNode, useState } from 'react'
import type { CollectionRow } from '../../src/graph/collections-contract.ts'
import { call } from '../look/api.ts'
import { Dialog } from '../look/dialog.tsx'
import { Field, Form } from '../look/form.tsx'
import { collectionLink } from './collection-words.ts'

const path = '/postern/collections'

/** Makes a collection by a rule, or an empty one to which members are added by name. */
export function NewCollection(properties: {
  others: readonly CollectionRow[]
  close(): void
}): ReactNode {
  const { others, close } = properties
  const [kind, setKind] = useState<CollectionRow['collectionType']>('device')
  return (
    <Dialog title="New collection" close={close} wide>
      <Form
        action="Create"
        submit={async (value) => {
          const made = await call<CollectionRow>('POST', path, {
            displayName: value('name'),
            collectionType: kind,
            rule: value('rule').trim() || null,
            limiting: value('limiting') || null,
          })
          location.assign(collectionLink(made.id))
        }}
      >
        <Field label="Name" name="name" autoFocus />
        <fieldset className="scope">
          <legend>Members are</legend>
          {(['device', 'user'] as const).map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="kind"
                checked={kind === one}
                onChange={() => setKind(one)}
              />
              {one === 'device' ? 'Devices' : 'Users'}
            </label>
          ))}
        </fieldset>
        <div className="field">
          <label htmlFor="rule">Rule</label>
          <textarea className="input" id="rule" name="rule" rows={3} aria-describedby="rule-hint" />
          <span className="quiet" id="rule-hint">
            {kind === 'device' ? (
              <>
                Every device that meets it is a member. Example:{' '}
                <code>device.platform -eq "iOS" -and device.model -startsWith "iPhone"</code>
              </>
            ) : (
              <>
                Every user who meets it is a member. Example:{' '}
                <code>user.memberOf -contains "Field staff"</code>
              </>
            )}
          </span>
        </div>
        <div className="field">
          <label htmlFor="limiting">Only members of</label>
          <select className="input" id="limiting" name="limiting" defaultValue="">
            <option value="">Anybody</option>
            {others
              .filter(({ collectionType }) => collectionType === kind)
              .map(({ id, displayName }) => (
                <option key={id} value={displayName}>
                  {displayName}
                </option>
              ))}
          </select>
        </div>
      </Form>
    </Dialog>
  )
}

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
          const made = await call<CollectionRow>('POST', `${path}/fromState`, body)
          location.assign(collectionLink(made.id))
        }}
      >
        <Field label="Name" name="name" defaultValue={name} autoFocus />
      </Form>
    </Dialog>
  )
}
