import type { Clock } from '../base/clock.ts'
import type { DeviceId, Devices } from '../devices/devices.ts'
import type { Store } from '../store/store.ts'
import { createJudge } from './judge.ts'
import { newsOf } from './keeping.ts'
import type { Reach } from './memberships.ts'
import type { Fleet, Rules } from './packed/fleet.ts'
import type { Shift, Shifts } from './prepared.ts'
import { readMoments, readVerdicts } from './records.ts'
import { subjectOf } from './world.ts'

/** Devices per turn of the event loop: some milliseconds. */
const slice = 200

/** Devices whose moments are read at a time: some milliseconds. */
const pageOfAll = 2000

/**
 * Judges by the one rules and by the other, at this moment, and saves nothing: gives the devices of which they say something
 * else. One that nobody judged yet is asked about like any other, as it will be judged by whatever is in force then.
 */
export type Foresee = (before: Rules, after: Rules) => Promise<Shifts>

interface Rooms {
  readonly store: Store
  readonly devices: Devices
  readonly reach: Reach
  readonly clock: Clock
  readonly fleet: Pick<Fleet, 'foresee'>
  readonly pause: () => Promise<void>
  /** Resolves when all news that was there before has been heard on this node. */
  readonly heard: () => Promise<void>
}

/** Foreseeing over this store. Whom the fleet knows to stay as they are is not judged. */
export function createForeseeing(rooms: Rooms): Foresee {
  const { pause, heard, fleet } = rooms
  return async (before, after) => {
    const shifts = new Map<DeviceId, Shift>()
    if (isSame(before, after)) return shifts
    await heard()
    const judge = await createJudgingTwice(rooms, before, after)
    const stays = fleet.foresee(before, after)
    const open: DeviceId[] = []
    for (let last: DeviceId | '' | undefined = ''; last !== undefined; ) {
      const page: Page = await nextPage(rooms, last, stays)
      open.push(...page.open)
      last = page.last
      // Full slices only, until the last.
      while (open.length >= (last === undefined ? 1 : slice)) {
        for (const [id, shift] of await judge(open.splice(0, slice))) shifts.set(id, shift)
        await pause()
      }
      await pause()
    }
    return shifts
  }
}

interface Page {
  /** Who has to be judged. */
  readonly open: readonly DeviceId[]
  /** `undefined` where there are no more devices. */
  readonly last: DeviceId | undefined
}

async function nextPage(
  { store, devices, clock }: Rooms,
  after: string,
  stays: ReturnType<Fleet['foresee']>,
): Promise<Page> {
  const ids = await devices.pageLiving({ after, limit: pageOfAll })
  const last = ids.at(-1)
  if (last === undefined) return { open: [], last }
  const moments = await readMoments(store.db, { after, upTo: last })
  const now = clock.now()
  const open = ids.filter((id) => {
    const moment = moments.get(id)
    // What time has changed is not known before its alarm has rung.
    if (!moment || (moment.recheckAt !== undefined && moment.recheckAt <= now)) return true
    return !stays(id, moment.judgedAt)
  })
  return { open, last: ids.length < pageOfAll ? undefined : last }
}

/** What judges devices by both rules, and gives those of which they say something else. */
async function createJudgingTwice(
  { store, devices, reach, clock }: Rooms,
  before: Rules,
  after: Rules,
): Promise<(ids: readonly DeviceId[]) => Promise<Shifts>> {
  const judgeBefore = createJudge(before.policies, before.site)
  const judgeAfter = createJudge(after.policies, after.site)
  const policies = [...before.policies, ...after.policies]
  const world = {
    memberships: await reach.memberships(policies),
    profileReaches: await reach.profiles(policies),
  }
  return async (ids) => {
    const shifts = new Map<DeviceId, Shift>()
    const saved = new Map((await readVerdicts(store.db, ids)).map((one) => [one.device, one]))
    const now = clock.now()
    for (const device of await devices.findDevices(ids)) {
      if (device.retiredAt !== undefined) continue
      const subject = subjectOf(device, world, saved.get(device.id))
      const shift = { before: judgeBefore(subject, now), after: judgeAfter(subject, now) }
      if (newsOf(shift.before) !== newsOf(shift.after)) shifts.set(device.id, shift)
    }
    return shifts
  }
}

/** Whether nobody can be judged otherwise: what is assigned to nobody judges nobody. */
function isSame(before: Rules, after: Rules): boolean {
  const reaching = ({ policies, site }: Rules) =>
    JSON.stringify([policies.filter(({ assignedTo }) => assignedTo.length > 0), site])
  return reaching(before) === reaching(after)
}
