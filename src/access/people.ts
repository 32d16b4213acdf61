import { type Clock, second, sleep } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Directory, GroupId, UserId } from '../directory/directory.ts'
import { createRefresh } from './refresh.ts'
import type { Snapshot } from './snapshot.ts'

/** Users and groups in the snapshot. */
export interface People {
  /** Takes news of the directory. */
  take(news: { users: readonly UserId[]; groups: readonly GroupId[] }): Promise<void>
  /** Resolves when all that was taken is in the snapshot, but for users who are new; `undefined` when it is. */
  settled(): Promise<void> | undefined
  /** Reads users who are new, which means reading everybody: asked for when one of them comes. */
  meetNewcomers(): Promise<void>
}

/** Keeps users and groups; `changed` hears whose decisions may differ. */
export function createPeople(given: {
  directory: Directory
  snapshot: Snapshot
  changed: (partnerships: readonly PartnershipId[]) => void
  clock: Clock
  log: Log
  pause: () => Promise<void>
}): People {
  const { directory, snapshot, changed, clock, log, pause } = given
  let newcomers = false
  const everybody = createRefresh({
    async work() {
      newcomers = false
      changed(snapshot.setEverybody(await directory.everybody()))
    },
    async failed(thrown) {
      log.error('access.directory', thrown)
      await sleep(clock, second)
    },
    clock,
    pause,
  })
  return {
    async take({ users, groups }) {
      if (groups.length > 0) return everybody.mark()
      // A user's own record is read alone; a group may hold anyone.
      for (const id of users) {
        const name = snapshot.nameOf(id)
        const user = name === undefined ? undefined : await directory.find(name)
        if (user?.id === id) changed(snapshot.setUser(user))
        else if (name === undefined) newcomers = true
        else everybody.mark()
      }
    },
    settled: () => everybody.settled(),
    async meetNewcomers() {
      if (newcomers) everybody.mark()
      await everybody.settled()
    },
  }
}
