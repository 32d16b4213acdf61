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
