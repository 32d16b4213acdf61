import type { Everybody } from '../directory/directory.ts'
import type { Tx } from '../store/store.ts'
import type { AccessPolicies } from './policy.ts'
import { deleteMailboxes, saveMailbox, saveSetting } from './records.ts'

/** Ids that policies may name. */
export function knownOf({ users, groups }: Everybody) {
  const ids = (all: readonly { id: string }[]) => new Set(all.map(({ id }) => id))
  return { users: ids(users), groups: ids(groups) }
}

/** The parts of the same names. */
export function only(
  policies: AccessPolicies,
  parts: Partial<AccessPolicies>,
): Partial<AccessPolicies> {
  const named = Object.entries(policies).filter(
    ([name]) => parts[name as keyof AccessPolicies] !== undefined, // a name of them
  )
  return Object.fromEntries(named)
}

/** Writes the parts that are given. */
export async function saveParts(tx: Tx, parts: Partial<AccessPolicies>): Promise<void> {
  const { exchangeOnline, conditionalAccess, deviceAccessRules, organization } = parts
  const { semantics, autoblock, enforcement, lockout, casMailboxes } = parts
  if (exchangeOnline) await saveSetting(tx, 'exchangeOnline', exchangeOnline)
  if (semantics) await saveSetting(tx, 'semantics', semantics)
  if (autoblock) await saveSetting(tx, 'autoblock', autoblock)
  if (conditionalAccess) await saveSetting(tx, 'conditionalAccess', conditionalAccess)
  if (deviceAccessRules) await saveSetting(tx, 'deviceAccessRules', deviceAccessRules)
  if (organization) await saveSetting(tx, 'organization', organization)
  if (enforcement) await saveSetting(tx, 'enforcement', enforcement)
  if (lockout) await saveSetting(tx, 'lockout', lockout)
  if (casMailboxes) {
    await deleteMailboxes(tx)
    for (const mailbox of casMailboxes) await saveMailbox(tx, mailbox)
  }
}
