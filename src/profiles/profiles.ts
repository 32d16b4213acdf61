import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { newId } from '../base/id.ts'
import { limits } from '../base/limits.ts'
import type { Directory, GroupId, UserId } from '../directory/directory.ts'
import { changesBetween, type Thing } from '../history/difference.ts'
import type { HistoryWriter } from '../history/history.ts'
import type { Store } from '../store/store.ts'
import type { EmailProfile } from './email-profile.ts'
import type { AppleProfile } from './apple-profile.ts'
import type { ProfileDraft } from './graph-json.ts'
import type { HandedOut, HandedOutState, Recipient } from './handed-out.ts'
import { createHandingOut } from './handing-out.ts'
import { groupsConcerned } from './reach.ts'
import { readProfiles, replaceProfiles } from './records.ts'

/** What `profile.changed` says. */
export interface ProfileNews {
  readonly actor: string
  /** Whose members may be reached otherwise now; news from before this was told says nothing, which means everyone. */
  readonly groups?: readonly GroupId[] | 'everyone'
}

/**
 * Mail accounts that an organisation sets up on devices, and whose. Appends `profile.changed` `ProfileNews` with a change.
 * What a profile says is in `email-profile.ts`, `graph-json.ts` reads and writes Graph's JSON, `reach.ts` knows whom it
 * reaches, `apple-profile.ts` makes what an Apple device installs. No channel of ours installs it yet: its user does, or
 * management elsewhere, whose report says whether the device has it.
 */
export interface Profiles {
  list(): Promise<readonly EmailProfile[]>
  /** By id or name. */
  find(idOrName: string): Promise<EmailProfile | undefined>
  /**
   * Changes the set to what `next` makes of it, all or nothing. A draft takes the place of its id or namesake, and its
   * targets where it says none. Throws `policy.invalid`, `name.taken`, `limit.exceeded`, and whatever `next` throws.
   */
  put(drafts: readonly ProfileDraft[], actor: string): Promise<readonly EmailProfile[]>
  /** Throws `not.found`. */
  remove(idOrName: string, actor: string): Promise<void>
  /** Profiles for Apple's mail that reach the user. */
  appleOf(user: UserId): Promise<readonly EmailProfile[]>
  /** Makes the configuration profile for an Apple device, and notes it. Throws `not.found`, `profile.undeliverable`. */
  handOut(idOrName: string, recipient: Recipient, actor: string): Promise<AppleProfile>
  /** What was handed out and not taken back, and how it stands now. */
  handedOut(): Promise<readonly (HandedOut & { readonly state: HandedOutState })[]>
  /** It is no longer on the device or, for a user, on any. Throws `not.found`. */
  takenBack(identifier: string, place: string): Promise<void>
}

/** Profiles in our own store. */
export function createProfiles(given: {
  readonly store: Store
  readonly directory: Directory
  readonly history: HistoryWriter
  readonly clock: Clock
}): Profiles {
  const { store, directory, history, clock } = given

  async function change(
    next: (before: readonly EmailProfile[]) => readonly EmailProfile[],
    actor: string,
  ): Promise<readonly EmailProfile[]> {
    const { groups } = await directory.everybody()
    const known = new Set<string>(groups.map(({ id }) => id))
    return await store.transact(async (tx) => {
      const before = await readProfiles(tx)
      const after = next(before)
      check(after, known)
      if (JSON.stringify(after) === JSON.stringify(before)) return before
      await replaceProfiles(tx, after)
      const news: ProfileNews = { actor, groups: groupsConcerned(before, after) }
      await store.journal.append(tx, 'profile.changed', news)
      const changes = changesBetween('emailProfile', before, after, thingOf)
      await history.append(tx, actor, changes)
      return after
    })
  }

  const find = async (key: string) =>
    (await readProfiles(store.db)).find((one) => isCalled(one, key))

  return {
    list: () => readProfiles(store.db),
    find,
    async put(drafts, actor) {
      const ids = new Set<string>()
      const now = clock.now()
      const after = await change(
        (before) =>
          drafts.reduce((all, draft) => {
            const old =
              all.find(({ id }) => id === draft.id) ??
              all.find(({ displayName }) => fold(displayName) === fold(draft.displayName))
            const fresh = renew(old, draft, { id: draft.id ?? newId('cfg', now), now })
            if (ids.has(fresh.id))
              throw new Failure('name.taken', `${draft.displayName} occurs twice`)
            ids.add(fresh.id)
            return old ? all.map((other) => (other === old ? fresh : other)) : [...all, fresh]
          }, before),
        actor,
      )
      return after.filter(({ id }) => ids.has(id))
    },
    async remove(key, actor) {
      await change((before) => {
        const gone = before.find((one) => isCalled(one, key))
        if (!gone) throw new Failure('not.found', `there is no profile ${key}`)
        return before.filter((other) => other !== gone)
      }, actor)
    },
    ...createHandingOut(given, find),
  }
}

function thingOf({
  id,
  createdAt: _created,
  modifiedAt: _modified,
  version: _version,
  ...says
}: EmailProfile): Thing {
  return { id, name: says.displayName, value: says }
}

const fold = (name: string): string => name.toLowerCase()

const isCalled = ({ id, displayName }: EmailProfile, key: string): boolean =>
  id === key || fold(displayName) === fold(key)

/** What is kept for a draft: the same where nothing differs. */
function renew(
  old: EmailProfile | undefined,
  { type, displayName, description, settings, assignments }: ProfileDraft,
  fresh: { readonly id: string; readonly now: number },
): EmailProfile {
  const draft = { type, displayName, description, settings }
  if (!old) {
    const { id, now } = fresh
    const nobody = { assignedTo: [], excluded: [] }
    return { ...nobody, ...assignments, ...draft, id, createdAt: now, modifiedAt: now, version: 1 }
  }
  const content = ({
    type,
    displayName,
    description,
    settings,
    assignedTo,
    excluded,
  }: EmailProfile) =>
    JSON.stringify([type, displayName, description, settings, assignedTo, excluded])
  const next: EmailProfile = { ...old, ...draft, ...assignments }
  if (content(next) === content(old)) return old
  return { ...next, modifiedAt: fresh.now, version: old.version + 1 }
}

function check(profiles: readonly EmailProfile[], groups: ReadonlySet<string>): void {
  if (profiles.length > limits.emailProfiles.value)
    throw new Failure('limit.exceeded', `more than ${limits.emailProfiles.value} mail profiles`)
  const names = new Set<string>()
  for (const { displayName, assignedTo, excluded } of profiles) {
    if (names.has(fold(displayName)))
      throw new Failure('name.taken', `two mail profiles are called ${displayName}`)
    names.add(fold(displayName))
    const unknown = [...(assignedTo === 'all' ? [] : assignedTo), ...excluded].find(
      (group) => !groups.has(group),
    )
    if (unknown) throw new Failure('policy.invalid', `${displayName}: there is no group ${unknown}`)
  }
}
