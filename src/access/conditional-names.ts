import type { ConditionalAccessPolicy } from '../conditional/policy.ts'

/** Whom a policy names: our ids, or names that are still to be found. Words for many are left out. */
export function namesOf({ conditions }: ConditionalAccessPolicy): {
  readonly users: readonly string[]
  readonly groups: readonly string[]
} {
  const { users } = conditions
  return {
    users: [...(users?.includeUsers ?? []), ...(users?.excludeUsers ?? [])].filter(
      (id) => !isWord(id),
    ),
    groups: [...(users?.includeGroups ?? []), ...(users?.excludeGroups ?? [])],
  }
}

const words = /^(all|none|guestsorexternalusers|allagentidusers)$/i
const isWord = (id: string): boolean => words.test(id)

/** The same policy with every user and group put in other words: names for ids, or ids for names. */
export function renamed(
  policy: ConditionalAccessPolicy,
  to: { user(id: string): string; group(id: string): string },
): ConditionalAccessPolicy {
  const { users } = policy.conditions
  if (!users) return policy
  const user = (id: string) => (isWord(id) ? id : to.user(id))
  const changed = {
    ...users,
    ...each('includeUsers', user),
    ...each('excludeUsers', user),
    ...each('includeGroups', to.group),
    ...each('excludeGroups', to.group),
  }
  return { ...policy, conditions: { ...policy.conditions, users: changed } }

  function each(
    name: 'includeUsers' | 'excludeUsers' | 'includeGroups' | 'excludeGroups',
    put: (id: string) => string,
  ) {
    const ids = users?.[name]
    return ids ? { [name]: ids.map(put) } : {}
  }
}
