import type { EmailProfile } from './email-profile.ts'

/** Whom something is for. */
export interface Reach {
  readonly assignedTo: 'all' | readonly string[]
  readonly excluded: readonly string[]
}

/** Whether it is for the devices of an owner in these groups, nested ones included. An excluded group wins. */
export function reaches({ assignedTo, excluded }: Reach, groups: ReadonlySet<string>): boolean {
  if (excluded.some((group) => groups.has(group))) return false
  return assignedTo === 'all' || assignedTo.some((group) => groups.has(group))
}

/** Whether one of the profiles for Apple's mail reaches this owner. */
export function hasProfile(
  profiles: readonly Pick<EmailProfile, 'type' | 'assignedTo' | 'excluded'>[],
  groups: ReadonlySet<string>,
): boolean {
  return profiles.some(
    (profile) => profile.type === 'iosEasEmailProfileConfiguration' && reaches(profile, groups),
  )
}

/** Users whom a policy reaches and no profile does: their devices can never meet a demand for a managed mail account. */
export function usersWithout(
  policy: Reach,
  profiles: readonly Pick<EmailProfile, 'type' | 'assignedTo' | 'excluded'>[],
  users: readonly { readonly id: string; readonly groups: ReadonlySet<string> }[],
): readonly string[] {
  return users
    .filter(({ groups }) => reaches(policy, groups) && !hasProfile(profiles, groups))
    .map(({ id }) => id)
}
