import { type ReactNode, useId, useState } from 'react'
import type { CollectionPreview, CollectionRow } from '../../src/graph/collections-contract.ts'
import { call } from '../look/api.ts'
import { useAsking } from '../look/asking.ts'
import { Dialog } from '../look/dialog.tsx'
import { Fault } from '../look/fault.tsx'
import { Form } from '../look/form.tsx'
import { useSettled } from '../look/settled.ts'
import { MemberPreview } from './member-preview.tsx'
import { placeOf, RuleField } from './rule-field.tsx'

const path = '/postern/collections'

/** What an administrator says of a collection. */
type Draft = Pick<
  CollectionRow,
  'displayName' | 'description' | 'collectionType' | 'rule' | 'include' | 'exclude' | 'limiting'
>

const blank: Draft = {
  displayName: '',
  description: null,
  collectionType: 'device',
  rule: null,
  include: [],
  exclude: [],
  limiting: null,
}

const draftOf = (row: CollectionRow): Draft => {
  const { displayName, description, collectionType, rule, include, exclude, limiting } = row
  return { displayName, description, collectionType, rule, include, exclude, limiting }
}

/** Makes a collection, or changes one; who would be in it is shown meanwhile. */
export function CollectionEditor(properties: {
  /** The one that is changed; a new one without. */
  row?: CollectionRow
  others: readonly CollectionRow[]
  close(): void
  saved(row: CollectionRow): void
}): ReactNode {
  const { row, others, close, saved } = properties
  const [draft, setDraft] = useState<Draft>(() => (row ? draftOf(row) : blank))
  const change = (part: Partial<Draft>) => setDraft((was) => ({ ...was, ...part }))
  const wish = useSettled(draft)
  const preview = useAsking<CollectionPreview>(`${path}/preview`, questionOf(wish, row))
  // Said at the rule itself.
  const place = placeOf(preview.thrown, wish.rule ?? '')
  return (
    <Dialog title={row ? `Change ${row.displayName}` : 'New collection'} close={close} wide>
      <Form
        action={row ? 'Save' : 'Create'}
        Told={Unsaved}
        submit={async () =>
          saved(
            row
              ? await call<CollectionRow>('PATCH', `${path}/${encodeURIComponent(row.id)}`, draft)
              : await call<CollectionRow>('POST', path, draft),
          )
        }
      >
        <Named {...{ draft, change }} isNew={!row} />
        <RuleField
          value={draft.rule ?? ''}
          kind={draft.collectionType}
          place={wish.rule === draft.rule ? place : undefined}
          change={(rule) => change({ rule: rule.trim() ? rule : null })}
        />
        <Others {...{ draft, change }} others={others.filter(({ id }) => id !== row?.id)} />
        <MemberPreview
          preview={preview.value}
          thrown={place ? undefined : preview.thrown}
          isNew={!row}
        />
      </Form>
    </Dialog>
  )
}

/** A rule that is not understood is told where it stands. */
function Unsaved({ thrown }: { thrown: unknown }): ReactNode {
  return placeOf(thrown, '') ? null : <Fault thrown={thrown} hint />
}

/** A new one may still be without its name. */
function questionOf(draft: Draft, row: CollectionRow | undefined): object {
  if (row) return { ...draft, id: row.id }
  return { ...draft, displayName: draft.displayName.trim() || 'New collection' }
}

interface Editing {
  readonly draft: Draft
  change(part: Partial<Draft>): void
}

function Named({ draft, change, isNew }: Editing & { isNew: boolean }): ReactNode {
  const id = useId()
  return (
    <>
      <div className="field">
        <label htmlFor={id}>Name</label>
        <input
          className="input"
          id={id}
          required
          maxLength={256}
          data-focus="true"
          value={draft.displayName}
          onChange={(event) => change({ displayName: event.target.value })}
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-about`}>Description</label>
        <input
          className="input"
          id={`${id}-about`}
          maxLength={1024}
          value={draft.description ?? ''}
          onChange={(event) => change({ description: event.target.value || null })}
        />
      </div>
      {isNew && (
        <fieldset className="scope">
          <legend>Members are</legend>
          {(['device', 'user'] as const).map((kind) => (
            <label key={kind}>
              <input
                type="radio"
                name="kind"
                checked={draft.collectionType === kind}
                onChange={() =>
                  change({ collectionType: kind, include: [], exclude: [], limiting: null })
                }
              />
              {kind === 'device' ? 'Devices' : 'Users'}
            </label>
          ))}
        </fieldset>
      )}
    </>
  )
}

/** Of a device collection user collections may be parts too: the devices of those users. */
function Others({
  draft,
  change,
  others,
}: Editing & { others: readonly CollectionRow[] }): ReactNode {
  const id = useId()
  const isDevice = draft.collectionType === 'device'
  const usable = others.filter(({ collectionType }) => isDevice || collectionType === 'user')
  if (usable.length === 0) return null
  return (
    <>
      <Several
        title="Includes the members of"
        {...{ usable }}
        chosen={draft.include}
        choose={(include) => change({ include })}
      />
      <Several
        title="Excludes the members of"
        {...{ usable }}
        chosen={draft.exclude}
        choose={(exclude) => change({ exclude })}
      />
      <div className="field">
        <label htmlFor={id}>Only members of</label>
        <select
          className="input"
          id={id}
          value={draft.limiting ?? ''}
          onChange={(event) => change({ limiting: event.target.value || null })}
        >
          <option value="">Anybody</option>
          {usable.map((one) => (
            <option key={one.id} value={one.displayName}>
              {one.displayName}
            </option>
          ))}
        </select>
      </div>
    </>
  )
}

function Several(properties: {
  title: string
  usable: readonly CollectionRow[]
  chosen: readonly string[]
  choose(names: readonly string[]): void
}): ReactNode {
  const { title, usable, chosen, choose } = properties
  return (
    <fieldset className="scope">
      <legend>{title}</legend>
      <div className="groups">
        {usable.map(({ id, displayName }) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={chosen.includes(displayName)}
              onChange={(event) =>
                choose(
                  event.target.checked
                    ? [...chosen, displayName]
                    : chosen.filter((name) => name !== displayName),
                )
              }
            />
            <span>{displayName}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
