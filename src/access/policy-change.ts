import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { Compliance } from '../compliance/compliance.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Prepared } from '../compliance/prepared.ts'
import type { Directory, UserId } from '../directory/directory.ts'
import type { EntryDraft } from '../history/entry.ts'
import type { HistoryWriter } from '../history/history.ts'
import type { Store } from '../store/store.ts'
import { type Consequence, Lockout } from './lockout.ts'
import type { AccessPolicies, CasMailbox } from './policy.ts'
import { checkAccessPolicies } from './policy-check.ts'
import { knownOf, only, saveParts } from './policy-parts.ts'
import { changesOfPolicies, confirmedLockout } from './policy-things.ts'
import { deleteAutoblock, findMailbox, lockSettings, readPolicies, saveMailbox } from './records.ts'
import type { Try } from './trying.ts'
import { draftsOf, noteUnconfirmed } from './unconfirmed.ts'

/** Parts of the policies, or how they follow from those that are in force when the change is made. */
export type PolicyParts =
  | Partial<AccessPolicies>
  | ((inForce: AccessPolicies) => Partial<AccessPolicies>)

/** How a change may be made. */
export interface ChangeOptions {
  /** The confirmation that a refusal named; counts for that change with those dangers only. */
  readonly confirm?: string | undefined
  /** The change is undone after so long unless it is confirmed. */
  readonly rollbackAfterMs?: number | undefined
  /** What else the history is told of it, from the policies as they are then. */
  readonly noted?: ((changed: AccessPolicies) => readonly EntryDraft[]) | undefined
}

/** What an administrator changes. */
interface PolicyChange extends ChangeOptions {
  readonly parts: PolicyParts
  readonly actor: string
  readonly alongside: Alongside | undefined
}

/** What devices are judged by is changed with it: prepared anew each time that it is tried. */
export type Alongside = () => Promise<Prepared<unknown>>

interface Rooms {
  readonly store: Store
  readonly directory: Directory
  readonly compliance: Pick<Compliance, 'kept'>
  readonly history: HistoryWriter
  readonly clock: Clock
  readonly tried: Try
}

/** How often others may change the policies while a change is tried. */
const rounds = 5

/** Makes the changes of this node one after another: they would only see each other's, and be tried again. */
export function createChanges(rooms: Rooms): (change: PolicyChange) => Promise<AccessPolicies> {
  let last: Promise<unknown> = Promise.resolve()
  return (change) => {
    const next = last.then(() => changePolicies(rooms, change))
    // Who asked for it hears of it.
    last = next.catch(() => {})
    return next
  }
}

/**
 * Replaces the given parts with their news, and what goes alongside, all or nothing: what was tried on every client is what
 * is written, since nobody else changed the policies meanwhile. Throws `policy.invalid`, `policy.lockout` and
 * `policy.unsettled`.
 */
async function changePolicies(rooms: Rooms, change: PolicyChange): Promise<AccessPolicies> {
  const { store, compliance, history, clock } = rooms
  const { actor, confirm, rollbackAfterMs, noted } = change
  for (let round = 0; round < rounds; round++) {
    const { before, parts, also, consequence } = await tryPolicies(rooms, change)
    if (consequence.confirm !== undefined && consequence.confirm !== confirm)
      throw new Lockout(consequence)
    const after = await store.transact(async (tx) => {
      await lockSettings(tx)
      if (!isSame(await readPolicies(tx), before, parts)) return undefined
      const judgedBy = also && draftsOf(await compliance.kept(tx))
      if (also && (await also.write(tx)) === undefined) return undefined
      const judging = also && draftsOf(await compliance.kept(tx))
      if (rollbackAfterMs !== undefined && also) refuseLasting(judgedBy, judging)
      await saveParts(tx, parts)
      // News of nothing would have every client decided anew.
      if (Object.keys(parts).length > 0 || !also)
        await store.journal.append(tx, 'access.policies', { actor })
      const changed = await readPolicies(tx)
      const entries = changesOfPolicies(only(before, parts), only(changed, parts))
      const risked = consequence.confirm !== undefined && (entries.length > 0 || also)
      const risks = risked ? [confirmedLockout(consequence)] : []
      await history.append(tx, actor, [...entries, ...risks, ...(noted?.(changed) ?? [])])
      if (rollbackAfterMs !== undefined)
        await noteUnconfirmed(store, tx, {
          actor,
          at: clock.now(),
          undoAt: clock.now() + rollbackAfterMs,
          before: { ...only(before, parts), ...(judgedBy && { compliancePolicies: judgedBy }) },
          after: { ...only(changed, parts), ...(judging && { compliancePolicies: judging }) },
        })
      return changed
    })
    if (after) return after
  }
  throw new Failure('policy.unsettled', 'others changed the policies again and again meanwhile')
}

/** What the change would do to every known client, by the policies in force now. Throws `policy.invalid`. */
export async function tryPolicies(
  { store, directory, tried }: Rooms,
  { parts: asked, actor, alongside }: Pick<PolicyChange, 'parts' | 'actor' | 'alongside'>,
): Promise<{
  before: AccessPolicies
  parts: Partial<AccessPolicies>
  also: Prepared<unknown> | undefined
  consequence: Consequence
}> {
  const before = await readPolicies(store.db)
  const parts = typeof asked === 'function' ? asked(before) : asked
  const everybody = await directory.everybody()
  checkAccessPolicies(parts, knownOf(everybody))
  const also = await alongside?.()
  const consequence = await tried({ before, parts, also, actor, everybody })
  return { before, parts, also, consequence }
}

/** Whether these are still the policies that were tried. Mailboxes are judged one by one meanwhile, and count where they are replaced. */
function isSame(now: AccessPolicies, before: AccessPolicies, parts: Partial<AccessPolicies>) {
  const counted = ({ casMailboxes, ...rest }: AccessPolicies) =>
    JSON.stringify(parts.casMailboxes ? [rest, casMailboxes] : rest)
  return counted(now) === counted(before)
}

/** What the site decides for all devices has no place among what is undone. */
function refuseLasting(before: unknown, after: unknown): void {
  if (JSON.stringify(before) !== JSON.stringify(after)) return
  throw new Failure('policy.invalid', 'what the site decides for all devices cannot be rolled back')
}

/** Puts a client into one personal list of a mailbox, or into none, with its news. */
export async function judgeMailbox(
  { store, history }: Pick<Rooms, 'store' | 'history'>,
  {
    partnership,
    user,
    deviceId,
    word,
    actor,
  }: {
    partnership: PartnershipId
    user: UserId
    deviceId: string
    word: 'allow' | 'block' | 'none'
    actor: string
  },
): Promise<void> {
  const folded = deviceId.toLowerCase()
  const without = (ids: readonly string[] = []) => ids.filter((id) => id.toLowerCase() !== folded)
  await store.transact(async (tx) => {
    const before = await findMailbox(tx, user)
    const allowed = without(before?.allowedDeviceIds)
    const blocked = without(before?.blockedDeviceIds)
    if (word === 'allow') allowed.push(deviceId)
    if (word === 'block') blocked.push(deviceId)
    const mailbox: CasMailbox = {
      user,
      activeSyncEnabled: before?.activeSyncEnabled ?? true,
      allowedDeviceIds: allowed,
      blockedDeviceIds: blocked,
    }
    await saveMailbox(tx, mailbox)
    const [was, is] = [before ? [before] : [], [mailbox]]
    await history.append(tx, actor, changesOfPolicies({ casMailboxes: was }, { casMailboxes: is }))
    await store.journal.append(tx, 'access.policies', { actor, user })
    if (word !== 'block' && (await deleteAutoblock(tx, partnership)))
      await store.journal.append(tx, 'access.autoblock', { partnership })
  })
}
