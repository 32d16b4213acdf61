import type { UserId } from '../directory/directory.ts'
import type { AccessLevel, AccessPolicies, DeviceAccessRule } from './policy.ts'

/** A mailbox's own settings, made for looking up; device ids in lower case. */
export interface MailboxIndex {
  readonly activeSyncEnabled: boolean
  readonly allowed: ReadonlySet<string>
  readonly blocked: ReadonlySet<string>
}

/** What administrators say, made for looking up instead of searching. */
export interface PolicyIndex {
  readonly mailboxes: ReadonlyMap<UserId, MailboxIndex>
  /** By level; within one level by name, so that the order in which rules were saved says nothing. */
  readonly rules: Readonly<Record<AccessLevel, readonly DeviceAccessRule[]>>
}

const known = new WeakMap<AccessPolicies, PolicyIndex>()

/** The index of these policies: built once per value, which nobody changes in place. */
export function indexOf(policies: AccessPolicies): PolicyIndex {
  let index = known.get(policies)
  if (!index) {
    index = build(policies)
    known.set(policies, index)
  }
  return index
}

function build({ casMailboxes, deviceAccessRules }: AccessPolicies): PolicyIndex {
  const mailboxes = new Map<UserId, MailboxIndex>()
  for (const { user, activeSyncEnabled, allowedDeviceIds, blockedDeviceIds } of casMailboxes) {
    const allowed = new Set(allowedDeviceIds.map((id) => id.toLowerCase()))
    const blocked = new Set(blockedDeviceIds.map((id) => id.toLowerCase()))
    mailboxes.set(user, { activeSyncEnabled, allowed, blocked })
  }
  const sorted = [...deviceAccessRules].sort((a, b) => (a.name < b.name ? -1 : 1))
  const of = (level: AccessLevel) => sorted.filter((rule) => rule.accessLevel === level)
  return {
    mailboxes,
    rules: { block: of('block'), quarantine: of('quarantine'), allow: of('allow') },
  }
}
