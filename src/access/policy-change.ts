import type { PartnershipId } from '../devices/devices.ts'
import type { Directory, UserId } from '../directory/directory.ts'
import type { Store, Tx } from '../store/store.ts'
import type { AccessPolicies } from './policy.ts'
import { checkAccessPolicies } from './policy-check.ts'
import {
  deleteAutoblock,
  deleteMailboxes,
  findMailbox,
  lockSettings,
  readPolicies,
  saveMailbox,
  saveSetting,
} from './records.ts'

/** Parts of the policies, or how they follow from those that are in force when the change is made. */
export type PolicyParts =
  | Partial<AccessPolicies>
  | ((inForce: AccessPolicies) => Partial<AccessPolicies>)

/** What an administrator changes. */
interface PolicyChange {
  readonly parts: PolicyParts
  readonly actor: string
  /** What else is changed with it. */
  readonly alongside: ((tx: Tx) => Promise<unknown>) | undefined
}

/** Replaces the given parts with their news, and what goes alongside, all or nothing. Throws `policy.invalid`. */
export async function changePolicies(
  { store, directory }: { store: Store; directory: Directory },
  { parts, actor, alongside }: PolicyChange,
): Promise<AccessPolicies> {
  const { users, groups } = await directory.everybody()
  const ids = (all: readonly { id: string }[]) => new Set(all.map(({ id }) => id))
  const known = { users: ids(users), groups: ids(groups) }
  return await store.transact(async (tx) => {
    await lockSettings(tx)
    const changed = typeof parts === 'function' ? parts(await readPolicies(tx)) : parts
    checkAccessPolicies(changed, known)
    await alongside?.(tx)
    const {
      exchangeOnline,
      semantics,
      conditionalAccess,
      deviceAccessRules,
      autoblock,
      organization,
      enforcement,
      casMailboxes,
    } = changed
    if (exchangeOnline) await saveSetting(tx, 'exchangeOnline', exchangeOnline)
    if (semantics) await saveSetting(tx, 'semantics', semantics)
    if (conditionalAccess) await saveSetting(tx, 'conditionalAccess', conditionalAccess)
    if (deviceAccessRules) await saveSetting(tx, 'deviceAccessRules', deviceAccessRules)
    if (autoblock) await saveSetting(tx, 'autoblock', autoblock)
    if (organization) await saveSetting(tx, 'organization', organization)
    if (enforcement) await saveSetting(tx, 'enforcement', enforcement)
    if (casMailboxes) {
      await deleteMailboxes(tx)
      for (const mailbox of casMailboxes) await saveMailbox(tx, mailbox)
    }
    await store.journal.append(tx, 'access.policies', { actor })
    return await readPolicies(tx)
  })
}

/** Puts a client into one personal list of a mailbox, or into none, with its news. */
export async function judgeMailbox(
  store: Store,
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
    await saveMailbox(tx, {
      user,
      activeSyncEnabled: before?.activeSyncEnabled ?? true,
      allowedDeviceIds: allowed,
      blockedDeviceIds: blocked,
    })
    await store.journal.append(tx, 'access.policies', { actor, user })
    if (word !== 'block' && (await deleteAutoblock(tx, partnership)))
      await store.journal.append(tx, 'access.autoblock', { partnership })
  })
}
