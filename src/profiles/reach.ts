import type { GroupId } from '../directory/directory.ts'
import type { EmailProfile, ProfileType } from './email-profile.ts'

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

/** What is looked at of a profile to know whom it reaches. */
export type Aimed = Pick<EmailProfile, 'type' | 'assignedTo' | 'excluded'>

/** The platform that a type of profile is for, named as facts name it. */
export const platformOf = {
  iosEasEmailProfileConfiguration: 'iOS',
  androidEasEmailProfileConfiguration: 'android',
  windows10EasEmailProfileConfiguration: 'windows',
  windowsPhoneEASEmailProfileConfiguration: 'windowsPhone',
} as const satisfies Record<ProfileType, string>

/** Whether a profile for the platform reaches an owner in these groups; `undefined` where there is none for it. */
export function profileReaches(
  profiles: readonly Aimed[],
  platform: string,
  groups: ReadonlySet<string>,
): boolean | undefined {
  const forIt = profiles.filter(({ type }) => platformOf[type] === platform)
  return forIt.length === 0 ? undefined : forIt.some((profile) => reaches(profile, groups))
}

/** Whether one of the profiles for Apple's mail reaches this owner. */
export function hasProfile(profiles: readonly Aimed[], groups: ReadonlySet<string>): boolean {
  return profileReaches(profiles, 'iOS', groups) === true
}

/**
 * Groups whose members may be reached otherwise after a change; `everyone` where a profile is for all, or where a
 * platform gets its first or loses its last.
 */
export function groupsConcerned(
  before: readonly Aimed[],
  after: readonly Aimed[],
): readonly GroupId[] | 'everyone' {
  const said = ({ type, assignedTo, excluded }: Aimed) =>
    JSON.stringify([type, assignedTo, excluded])
  const [old, fresh] = [new Set(before.map(said)), new Set(after.map(said))]
  const changed = [
    ...before.filter((one) => !fresh.has(said(one))),
    ...after.filter((one) => !old.has(said(one))),
  ]
  const platforms = (all: readonly Aimed[]) => new Set(all.map(({ type }) => type))
  const [had, has] = [platforms(before), platforms(after)]
  if (
    changed.some(({ type, assignedTo }) => assignedTo === 'all' || !had.has(type) || !has.has(type))
  )
    return 'everyone'
  const groups = changed.flatMap(({ assignedTo, excluded }) =>
    assignedTo === 'all' ? excluded : [...assignedTo, ...excluded],
  )
  return [...new Set(groups)]
}

/** Users whom a policy reaches and no profile does: their devices can never meet a demand for a managed mail account. */
export function usersWithout(
  policy: Reach,
  profiles: readonly Aimed[],
  users: readonly { readonly id: string; readonly groups: ReadonlySet<string> }[],
): readonly string[] {
  return users
    .filter(({ groups }) => reaches(policy, groups) && !hasProfile(profiles, groups))
    .map(({ id }) => id)
}
