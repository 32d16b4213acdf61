import { Failure } from '../base/failures.ts'
import { nameUuid } from '../base/id.ts'
import type { Instant } from '../base/clock.ts'
import type { Everybody, User, UserId } from '../directory/directory.ts'
import { transitiveGroups } from '../directory/directory.ts'
import { type AppleProfile, appleProfile, identifierOf } from './apple-profile.ts'
import type { EmailProfile, ProfileId } from './email-profile.ts'
import { reaches } from './reach.ts'

/** Whom a configuration profile is made for: a device of the user, or the user where the device is not known yet. */
export interface Recipient {
  readonly user: UserId
  readonly device?: string
}

/** A configuration profile that somebody was given. */
export interface HandedOut extends Recipient {
  readonly profile: ProfileId
  /** What the device knows it by. */
  readonly identifier: string
  readonly displayName: string
  readonly at: Instant
  /** Who made it: an administrator, or the user. */
  readonly actor: string
  /** What it said, as a fingerprint. */
  readonly content: string
}

/**
 * `current`; `outdated`: it would say something else by now; `remove`: the profile is gone, or for others, so whoever
 * manages the device is to remove what has this identifier.
 */
export type HandedOutState = 'current' | 'outdated' | 'remove'

/** A configuration profile with what is noted of it. */
export interface Made {
  readonly made: AppleProfile
  readonly note: HandedOut
}

/** The groups of users, nested ones included. */
export type GroupsOf = (user: UserId) => ReadonlySet<string>

const none: ReadonlySet<string> = new Set()

/** Groups by the directory as it is. */
export function groupsOf(everybody: Everybody): GroupsOf {
  const groups = transitiveGroups(everybody)
  return (user) => groups.get(user) ?? none
}

/** What names the place in which it is installed. */
export const placeOf = ({ user, device }: Recipient): string => device ?? user

/** Makes it for a user whom the profile reaches. Throws `profile.undeliverable`. */
export function handOut(
  profile: EmailProfile,
  { user, device }: { readonly user: User; readonly device?: string },
  groups: GroupsOf,
  given: { readonly actor: string; readonly now: Instant },
): Made {
  if (!user.enabled || !reaches(profile, groups(user.id)))
    throw new Failure('profile.undeliverable', `${profile.displayName} is not for ${user.name}`)
  const recipient = { user: user.id, ...(device !== undefined && { device }) }
  const made = appleProfile(profile, user, placeOf(recipient))
  const note = {
    ...recipient,
    profile: profile.id,
    identifier: made.identifier,
    displayName: profile.displayName,
    at: given.now,
    actor: given.actor,
    content: nameUuid(made.content),
  }
  return { made, note }
}

/** How what was handed out stands by the profiles and the directory as they are. */
export function standingOf(
  note: HandedOut,
  profiles: readonly EmailProfile[],
  users: ReadonlyMap<UserId, User>,
  groups: GroupsOf,
): HandedOutState {
  const profile = profiles.find((one) => identifierOf(one) === note.identifier)
  const user = users.get(note.user)
  if (!profile || !user?.enabled || !reaches(profile, groups(user.id))) return 'remove'
  try {
    const { content } = appleProfile(profile, user, placeOf(note))
    return nameUuid(content) === note.content ? 'current' : 'outdated'
  } catch (thrown) {
    // What can no longer be made is not what the device has.
    if (thrown instanceof Failure && thrown.code === 'profile.undeliverable') return 'outdated'
    throw thrown
  }
}
