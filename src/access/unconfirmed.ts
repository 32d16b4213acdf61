import { asFailure, Failure } from '../base/failures.ts'
import { newId } from '../base/id.ts'
import type { Log } from '../base/log.ts'
import type { Compliance } from '../compliance/compliance.ts'
import type { KeptPolicy, PolicyDraft } from '../compliance/policy.ts'
import type { Directory } from '../directory/directory.ts'
import type { HistoryWriter } from '../history/history.ts'
import type { Store, Tx } from '../store/store.ts'
import type { AccessPolicies, Unconfirmed } from './policy.ts'
import { checkAccessPolicies } from './policy-check.ts'
import { knownOf, only, saveParts } from './policy-parts.ts'
import { changesOfPolicies, confirmedChange, undoneChange } from './policy-things.ts'
import {
  deleteUnconfirmed,
  lockSettings,
  readPolicies,
  readUnconfirmed,
  saveUnconfirmed,
} from './records.ts'
import { undo } from './undo.ts'

/** Who undoes what nobody confirmed. */
const actor = 'rollback'

/** Rings when a change that nobody confirmed is to be undone. */
export const undoAlarm = 'access.undo'

/** Notes that this change is undone at its moment unless it is confirmed. Throws `policy.unsettled` where one waits already. */
export async function noteUnconfirmed(
  store: Store,
  tx: Tx,
  change: Omit<Unconfirmed, 'id'>,
): Promise<void> {
  const waiting = await readUnconfirmed(tx)
  if (waiting)
    throw new Failure('policy.unsettled', `a change by ${waiting.actor} waits for its confirmation`)
  const id = newId('chg', change.at)
  await saveUnconfirmed(tx, { ...change, id })
  await store.alarms.set(tx, undoAlarm, id, change.undoAt)
}

/** The change that waits stays. Throws `not.found` where none waits. */
export async function confirmChange(
  { store, history }: { store: Store; history: HistoryWriter },
  actor: string,
): Promise<Unconfirmed> {
  return await store.transact(async (tx) => {
    await lockSettings(tx)
    const waiting = await readUnconfirmed(tx)
    if (!waiting)
      throw new Failure('not.found', 'no change of the policies waits for a confirmation')
    await deleteUnconfirmed(tx, waiting.id)
    await store.alarms.set(tx, undoAlarm, waiting.id, undefined)
    await history.append(tx, actor, [confirmedChange(waiting)])
    return waiting
  })
}

/**
 * Undoes the change if it still waits: so once, whoever rings and however often. What somebody changed since stays as it is,
 * and is named in the log and in the news.
 */
export async function undoChange(
  {
    store,
    directory,
    compliance,
    history,
    log,
  }: {
    store: Store
    directory: Directory
    compliance: Pick<Compliance, 'changing'>
    history: HistoryWriter
    log: Log
  },
  id: string,
): Promise<void> {
  const known = knownOf(await directory.everybody())
  const noted = await readUnconfirmed(store.db)
  if (noted?.id !== id) return
  const undoCompliance = await undoingCompliance(compliance, noted)
  await store.transact(async (tx) => {
    await lockSettings(tx)
    const waiting = await readUnconfirmed(tx)
    if (waiting?.id !== id) return
    await deleteUnconfirmed(tx, id)
    const before = await readPolicies(tx)
    const { parts, kept: ofAccess } = partsOf(waiting, before, known)
    const kept = [...ofAccess, ...(await undoCompliance(tx))]
    await saveParts(tx, parts)
    const entries = changesOfPolicies(only(before, parts), only(await readPolicies(tx), parts))
    await history.append(tx, actor, [...entries, undoneChange(waiting, kept)])
    const news = { actor, of: waiting.actor, changedAt: waiting.at, kept }
    await store.journal.append(tx, 'access.policies', news)
    log.warn('access.rolledBack', { of: waiting.actor, id, kept: kept.join(', ') })
  })
}

/** What is to be written; nothing where the result would be no valid policies, for instance since a group is gone. */
function partsOf(
  changed: Unconfirmed,
  now: AccessPolicies,
  known: ReturnType<typeof knownOf>,
): { parts: Partial<AccessPolicies>; kept: readonly string[] } {
  const { compliancePolicies: _was, ...before } = changed.before
  const { compliancePolicies: _became, ...after } = changed.after
  const own = Object.fromEntries(
    Object.entries(now).filter(([name]) => Object.hasOwn(before, name)),
  ) as Partial<AccessPolicies> // its own parts
  const { value: parts, kept } = undo({ before, after, now: own })
  try {
    checkAccessPolicies(parts, known)
    return { parts, kept }
  } catch (thrown) {
    if (asFailure(thrown).code !== 'policy.invalid') throw thrown
    return { parts: {}, kept: Object.keys(before) }
  }
}

/**
 * Takes back what the change did to compliance policies, in the transaction that it is given: resolves to the places that
 * stay. A policy that the change has deleted comes back as a new one of its name.
 */
async function undoingCompliance(
  compliance: Pick<Compliance, 'changing'>,
  { before, after }: Unconfirmed,
): Promise<(tx: Tx) => Promise<readonly string[]>> {
  const [was, became] = [before.compliancePolicies, after.compliancePolicies]
  if (!was || !became) return async () => []
  let kept: readonly string[] = []
  const write = await compliance.changing((now) => {
    const undone = undo({ before: was, after: became, now: draftsOf(now) })
    kept = undone.kept.map((place) => `compliancePolicies${place}`)
    const known = new Set(now.map(({ id }) => id))
    return undone.value.map(({ id, policy }) =>
      id !== undefined && known.has(id) ? { id, policy } : { policy },
    )
  }, actor)
  return async (tx) => {
    try {
      await write(tx)
      return kept
    } catch (thrown) {
      // The whole set is checked before any of it is written.
      if (asFailure(thrown).code !== 'policy.invalid') throw thrown
      return ['compliancePolicies']
    }
  }
}

/** What these policies say, without what the server notes of them. */
export const draftsOf = (kept: readonly KeptPolicy[]): readonly PolicyDraft[] =>
  kept.map(({ id, policy }) => ({ id, policy }))
