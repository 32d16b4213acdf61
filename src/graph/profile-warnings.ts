import type { Collections } from '../collections/collections.ts'
import type { CompliancePolicy } from '../compliance/policy.ts'
import type { Directory } from '../directory/directory.ts'
import { type Aimed, usersWithout } from '../profiles/reach.ts'
import type { ProfileWarning } from './collections-contract.ts'

/** Policies that demand a managed mail account of users who get no profile for one. */
export async function profileWarnings(
  { directory, collections }: { directory: Directory; collections: Collections },
  policies: readonly CompliancePolicy[],
  profiles: readonly Aimed[],
): Promise<readonly ProfileWarning[]> {
  const demanding = policies.filter(({ settings }) => settings.managedEmailProfileRequired === true)
  if (demanding.length === 0) return []
  const memberships = await collections.memberships()
  const { users: all } = await directory.everybody()
  const users = all.map(({ id, name }) => ({ id: name, groups: memberships.user(id) }))
  return demanding
    .map((policy) => ({ policy: policy.name, without: usersWithout(policy, profiles, users) }))
    .filter(({ without }) => without.length > 0)
    .map(({ policy, without }) => ({
      code: 'noEmailProfile',
      policy,
      setting: 'managedEmailProfileRequired',
      userCount: without.length,
      users: without.slice(0, 20),
    }))
}
