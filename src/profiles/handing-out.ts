import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { Directory } from '../directory/directory.ts'
import type { Store } from '../store/store.ts'
import { groupsOf, handOut, standingOf } from './handed-out.ts'
import type { Profiles } from './profiles.ts'
import { platformOf, reaches } from './reach.ts'
import { deleteHandedOut, readHandedOut, readProfiles, saveHandedOut } from './records.ts'

type HandingOut = Pick<Profiles, 'appleOf' | 'handOut' | 'handedOut' | 'takenBack'>

/** Handing out the profiles that `find` knows by id or name. */
export function createHandingOut(
  {
    store,
    directory,
    clock,
  }: { readonly store: Store; readonly directory: Directory; readonly clock: Clock },
  find: Profiles['find'],
): HandingOut {
  return {
    async appleOf(user) {
      const groups = groupsOf(await directory.everybody())(user)
      return (await readProfiles(store.db)).filter(
        (one) => platformOf[one.type] === 'iOS' && reaches(one, groups),
      )
    },
    async handOut(key, { user: id, ...rest }, actor) {
      const profile = await find(key)
      const user = await directory.user(id)
      if (!profile || !user) throw new Failure('not.found', `there is no profile ${key}`)
      const groups = groupsOf(await directory.everybody())
      const { made, note } = handOut(profile, { user, ...rest }, groups, {
        actor,
        now: clock.now(),
      })
      await store.transact((tx) => saveHandedOut(tx, note))
      return made
    },
    async handedOut() {
      const everybody = await directory.everybody()
      const [profiles, groups] = [await readProfiles(store.db), groupsOf(everybody)]
      const users = new Map(everybody.users.map((user) => [user.id, user]))
      const notes = await readHandedOut(store.db)
      return notes.map((note) => ({ ...note, state: standingOf(note, profiles, users, groups) }))
    },
    async takenBack(identifier, place) {
      if (!(await store.transact((tx) => deleteHandedOut(tx, identifier, place))))
        throw new Failure('not.found', `${identifier} was not handed out for ${place}`)
    },
  }
}
