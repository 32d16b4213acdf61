import { type ReactNode, useState } from 'react'
import type {
  Collection,
  EnforcementPreview,
  GroupRow,
  SessionBody,
} from '../../src/graph/contract.ts'
import { call, Refused } from '../look/api.ts'
import { useAsking } from '../look/asking.ts'
import { Dialog } from '../look/dialog.tsx'
import { Fault } from '../look/fault.tsx'
import { useReading } from '../look/reading.ts'
import { Preview } from './preview.tsx'
import { counted } from './words.ts'

type Site = SessionBody['site']

/** Whom the site enforces for. */
type Whom = 'nobody' | 'groups' | 'all'

/** What the server is told; nothing while no group is chosen. */
interface Wish {
  readonly state: 'observing' | 'enforcing'
  readonly scope: 'all' | readonly string[]
}

function wishOf(whom: Whom, groups: readonly string[]): Wish | undefined {
  if (whom === 'nobody') return { state: 'observing', scope: 'all' }
  if (whom === 'all') return { state: 'enforcing', scope: 'all' }
  return groups.length > 0 ? { state: 'enforcing', scope: groups } : undefined
}

/** Begins, widens, narrows or ends enforcement, and shows before whose mail that ends or brings back. */
export function EnforcementDialog(properties: {
  site: Site
  close(): void
  changed(): void
}): ReactNode {
  const { site, close, changed } = properties
  const observing = site.enforcement === 'observing'
  const [whom, setWhom] = useState<Whom>(observing || site.scope === 'all' ? 'all' : 'groups')
  const [groups, setGroups] = useState(site.scope === 'all' ? [] : site.scope)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<unknown>()
  const wish = wishOf(whom, groups)
  const { value: preview, thrown } = useAsking<EnforcementPreview>(
    '/postern/enforcement/preview',
    wish,
  )
  // Counts for this wish alone: the server sees whether it does.
  const confirm = failed instanceof Refused ? failed.confirm : undefined

  async function apply() {
    if (!wish) return
    setBusy(true)
    try {
      await call('PUT', '/postern/enforcement', wish, { confirm })
      changed()
    } catch (error) {
      setFailed(error)
      setBusy(false)
    }
  }

  return (
    <Dialog title={observing ? 'Begin enforcing' : 'Change enforcement'} close={close} wide>
      <Scope {...{ observing, whom, groups, setWhom, setGroups }} />
      {wish ? (
        <Preview preview={preview} begins={observing && whom !== 'nobody'} />
      ) : (
        <p className="quiet">Choose a group.</p>
      )}
      <Fault thrown={failed ?? thrown} hint />
      <div className="answers">
        <button type="button" className="button" onClick={close}>
          Cancel
        </button>
        <button
          type="button"
          className={`button ${preview?.loseCount ? 'grave' : 'first'}`}
          disabled={busy || !preview || isSame(wish, site)}
          onClick={() => void apply()}
        >
          {confirm === undefined ? actionOf(whom, preview) : 'Lock them out all the same'}
        </button>
      </div>
    </Dialog>
  )
}

const isSame = (wish: Wish | undefined, site: Site) =>
  wish?.state === site.enforcement &&
  (wish.state === 'observing' || [...wish.scope].join('\n') === [...site.scope].join('\n'))

function actionOf(whom: Whom, preview: EnforcementPreview | undefined): string {
  if (whom === 'nobody') return 'Stop enforcing'
  const word = whom === 'all' ? 'Enforce for everyone' : 'Enforce for these groups'
  if (!preview?.loseCount) return word
  const lose = preview.loseCount === 1 ? 'loses' : 'lose'
  return `${word}: ${counted(preview.loseCount, 'device')} ${lose} mail`
}

function Scope(properties: {
  observing: boolean
  whom: Whom
  groups: readonly string[]
  setWhom(whom: Whom): void
  setGroups(groups: readonly string[]): void
}): ReactNode {
  const { observing, whom, groups, setWhom, setGroups } = properties
  const all = useReading<Collection<GroupRow>>('/groups?$top=1000&$orderby=displayName', 0)
  const option = (value: Whom, name: string, disabled = false) => (
    <label>
      <input
        type="radio"
        name="whom"
        checked={whom === value}
        disabled={disabled}
        onChange={() => setWhom(value)}
      />
      <span>{name}</span>
    </label>
  )
  const names = all.value?.value.map((group) => group.displayName) ?? []
  return (
    <fieldset className="scope">
      <legend>Enforce for</legend>
      {option('all', 'Everyone')}
      {option(
        'groups',
        names.length > 0
          ? 'Members of these groups first'
          : 'Members of a group first (there is no group yet)',
        names.length === 0,
      )}
      {whom === 'groups' && (
        <div className="groups" role="group" aria-label="Groups">
          {names.map((name) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={groups.includes(name)}
                onChange={(event) =>
                  setGroups(
                    event.target.checked
                      ? [...groups, name]
                      : groups.filter((each) => each !== name),
                  )
                }
              />
              <span>{name}</span>
            </label>
          ))}
        </div>
      )}
      {!observing && option('nobody', 'Nobody: only observe')}
    </fieldset>
  )
}
