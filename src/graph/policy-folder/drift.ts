import { limits } from '../../base/limits.ts'
import type { AppliedForm, Entry } from '../../history/entry.ts'
import type { History } from '../../history/history.ts'
import type { Drift, PlannedChange } from '../folder-contract.ts'
import { keyOf } from './forms.ts'

/** What was applied last, as far as it is known. */
export interface Applied {
  /** By key: its form, and the apply that left it so. */
  readonly forms: ReadonlyMap<string, { readonly form: string; readonly by: Entry }>
  /** The last apply that had any policy of a kind. */
  readonly kinds: ReadonlyMap<string, Entry>
}

type Reader = Pick<History, 'list'>

const appliesPerPage = 20

/** Looks for these policies through the applies, the newest first, until each is found. */
export async function readApplied(history: Reader, wanted: readonly string[]): Promise<Applied> {
  const forms = new Map<string, { form: string; by: Entry }>()
  const kinds = new Map<string, Entry>()
  const missing = new Set(wanted)
  let before: number | undefined
  for (let looked = 0; looked < limits.appliesLooked.value; looked += appliesPerPage) {
    const from = before !== undefined && { before }
    const page = await history.list({ kind: 'apply', limit: appliesPerPage, ...from })
    for (const { entry } of page)
      for (const one of entry.applied ?? []) {
        const key = keyOf(one)
        if (!kinds.has(one.kind)) kinds.set(one.kind, entry)
        if (!forms.has(key)) forms.set(key, { form: one.form, by: entry })
        missing.delete(key)
      }
    before = page.at(-1)?.entry.seq
    if (missing.size === 0 || page.length < appliesPerPage) break
  }
  return { forms, kinds }
}

/**
 * Tells of each change that a plan foresees where it comes from: what is in force, or what the folder says, is no more as the last
 * apply left it. `site` and `folder`: the forms of both.
 */
export async function withDrift(
  changes: readonly PlannedChange[],
  { site, folder }: { site: readonly AppliedForm[]; folder: readonly AppliedForm[] },
  history: Reader,
): Promise<readonly PlannedChange[]> {
  const applied = await readApplied(history, folder.map(keyOf))
  const [here, there] = [byKey(site), byKey(folder)]
  return await Promise.all(
    changes.map(async (change) => {
      const key = keyOf(change)
      const given = { here: here.get(key), there: there.get(key), last: applied.forms.get(key) }
      const side = sideOf(given)
      const by = given.last?.by ?? applied.kinds.get(change.kind)
      if (side === 'folder' || !by) return { ...change, drift: driftOf(side, by) }
      const changed = await lastChange(history, change, by)
      // Nobody has said that it is the folder's: it only is news of the server where it was made since.
      if (change.action !== 'create' && !given.last && change.action !== 'change')
        return changed?.made ? { ...change, drift: driftOf('server', by, changed.entry) } : change
      return { ...change, drift: driftOf(side, by, changed?.entry) }
    }),
  )
}

const byKey = (forms: readonly AppliedForm[]): ReadonlyMap<string, string> =>
  new Map(forms.map((one) => [keyOf(one), one.form]))

function sideOf({
  here,
  there,
  last,
}: {
  here: string | undefined
  there: string | undefined
  last: { readonly form: string } | undefined
}): Drift['side'] {
  if (!last) return here === undefined ? 'folder' : 'unknown'
  if (last.form === here) return 'folder'
  return last.form === there ? 'server' : 'both'
}

/** Its last change since that apply, by somebody else than the apply itself, and whether it was made since. */
async function lastChange(
  history: Reader,
  { kind, name }: PlannedChange,
  by: Entry,
): Promise<{ readonly entry: Entry; readonly made: boolean } | undefined> {
  const [named] = await history.list({ kind, name, limit: 1 })
  if (!named) return undefined
  const { id } = named.entry
  // By its id: it may be called otherwise by now.
  const all = await history.list({ kind, name: id, after: by.seq - 1, limit: 50 })
  const since = all.flatMap(({ entry }) =>
    entry.id === id && entry.correlation !== by.correlation && entry.seq > by.seq ? [entry] : [],
  )
  const [entry] = since
  return entry && { entry, made: since.some(({ change }) => change === 'created') }
}

function driftOf(side: Drift['side'], by: Entry | undefined, changed?: Entry): Drift {
  return {
    side,
    ...(by && { applied: { ...momentOf(by) } }),
    ...(changed && {
      changed: { ...momentOf(changed), change: changed.change, name: changed.name },
    }),
  }
}

const momentOf = ({ seq, actor, at }: Entry) => ({
  seq,
  actor,
  dateTime: new Date(at).toISOString(),
})
