import type { Clock } from '../base/clock.ts'
import type { DeviceId, Devices } from '../devices/devices.ts'
import type { Store } from '../store/store.ts'
import { createJudge, type SiteCompliance } from './judge.ts'
import { newsOf } from './keeping.ts'
import type { Reach } from './memberships.ts'
import type { CompliancePolicy } from './policy.ts'
import type { Shift, Shifts } from './prepared.ts'
import { pageJudged, readVerdicts } from './records.ts'
import { subjectOf } from './world.ts'

/** All that devices are judged by. */
export interface Rules {
  readonly policies: readonly CompliancePolicy[]
  readonly site: SiteCompliance
}

/** Devices per turn of the event loop: some milliseconds. */
const slice = 200

/** Judges every device that was judged before by the one rules and by the other, at this moment, and saves nothing. */
export type Foresee = (before: Rules, after: Rules) => Promise<Shifts>

/** Foreseeing over this store. */
export function createForeseeing(rooms: {
  readonly store: Store
  readonly devices: Devices
  readonly reach: Reach
  readonly clock: Clock
  readonly pause: () => Promise<void>
  /** Resolves when all news of memberships that was there before has been heard on this node. */
  readonly heard: () => Promise<void>
}): Foresee {
  const { store, devices, reach, clock, pause, heard } = rooms
  return async (before, after) => {
    const shifts = new Map<DeviceId, Shift>()
    if (isSame(before, after)) return shifts
    await heard()
    const judgeBefore = createJudge(before.policies, before.site)
    const judgeAfter = createJudge(after.policies, after.site)
    const policies = [...before.policies, ...after.policies]
    const world = {
      memberships: await reach.memberships(policies),
      profileReaches: await reach.profiles(policies),
    }
    for (let last = ''; ; ) {
      const ids = await pageJudged(store.db, { owners: 'everyone', after: last, limit: slice })
      // An empty list is no SQL of PostgreSQL.
      if (ids.length === 0) return shifts
      const now = clock.now()
      const saved = new Map((await readVerdicts(store.db, ids)).map((one) => [one.device, one]))
      for (const device of await devices.findDevices(ids)) {
        if (device.retiredAt !== undefined) continue
        const subject = subjectOf(device, world, saved.get(device.id))
        const shift = { before: judgeBefore(subject, now), after: judgeAfter(subject, now) }
        if (newsOf(shift.before) !== newsOf(shift.after)) shifts.set(device.id, shift)
      }
      last = ids.at(-1) ?? ''
      if (ids.length < slice) return shifts
      await pause()
    }
  }
}

/** Whether nobody can be judged otherwise: what is assigned to nobody judges nobody. */
function isSame(before: Rules, after: Rules): boolean {
  const reaching = ({ policies, site }: Rules) =>
    JSON.stringify([policies.filter(({ assignedTo }) => assignedTo.length > 0), site])
  return reaching(before) === reaching(after)
}
