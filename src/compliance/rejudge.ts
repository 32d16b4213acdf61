import type { Clock, Instant } from '../base/clock.ts'
import type { DeviceId, Devices } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import type { Store } from '../store/store.ts'
import type { SavedVerdict } from './compliance.ts'
import { createDetailedJudge, type Detail } from './detail.ts'
import { judgeWithin } from './judging.ts'
import type { Fleet } from './packed/fleet.ts'
import type { Noting } from './packed/noting.ts'
import { findVerdict, pageJudged, pageJudgedAt } from './records.ts'
import { type Look, subjectOf } from './world.ts'

/** Judging devices and keeping what came out. */
export interface Rejudging {
  /** Judges one device; `undefined` when it is gone. */
  one(device: DeviceId, how?: How): Promise<SavedVerdict | undefined>
  /** Judges again what was judged before: all of it, or what these users own. In slices that let others in between. */
  all(owners: 'everyone' | readonly UserId[]): Promise<void>
  /** Judges again whose verdict could be another one by the policies and what the site decides now, in such slices. */
  byNewRules(): Promise<void>
  /** Judges one device with all that led to it, and saves nothing; `undefined` when it is gone. */
  detail(device: DeviceId): Promise<Detail | undefined>
}

interface How {
  /** Save the moment even where nothing differs. */
  readonly touch?: boolean
  /** Not before this moment, whatever this node's clock says. */
  readonly at?: Instant
}

/** Devices per transaction: some twenty milliseconds, so that nobody waits long for the one writer. */
const slice = 200

/** Devices whose moments are read at a time: some milliseconds. */
const pageOfAll = 2000

interface Rooms {
  readonly store: Store
  readonly devices: Devices
  readonly look: Look
  readonly clock: Clock
  readonly pause: () => Promise<void>
  readonly fleet: Fleet
  readonly noting: Noting
  /** Resolves when all news that was there before has been heard on this node. */
  readonly heard: () => Promise<void>
}

/** What judges these devices as they are, once what rests on an older world is out of the way. */
function createSettling(rooms: Rooms) {
  const { store, devices, look, clock, heard, noting } = rooms

  /** `undefined` where the world has changed since it was looked at. */
  async function judge(ids: readonly DeviceId[], { touch = false, at = 0 }: How) {
    const span = noting.begin()
    try {
      const world = await look.now()
      const judged = await store.transact(async (tx) => {
        if (!(await look.holds(tx, world))) return undefined
        const known = new Map((await devices.findDevices(ids, tx)).map((one) => [one.id, one]))
        const found = new Map(ids.map((id) => [id, known.get(id)]))
        const now = Math.max(clock.now(), at)
        return await judgeWithin({ store, tx }, found, world, { now, touch })
      })
      if (judged) span.put(judged.packed, world.packed)
      return judged?.verdicts
    } finally {
      span.end()
    }
  }

  return async (ids: readonly DeviceId[], how: How) => {
    // What was there before has been heard: it throws no doubt on what is read from here on.
    await heard()
    for (;;) {
      const verdicts = await judge(ids, how)
      if (verdicts) return verdicts
    }
  }
}

/** Judging over this store, device by device or in slices. */
export function createRejudging(rooms: Rooms): Rejudging {
  const { store, devices, look, clock, pause, heard, fleet } = rooms
  const settle = createSettling(rooms)

  return {
    one: async (device, how = {}) => (await settle([device], how)).get(device),
    async all(owners) {
      for (let last = ''; ; ) {
        const ids = await pageJudged(store.db, { owners, after: last, limit: slice })
        await settle(ids, {})
        last = ids.at(-1) ?? ''
        if (ids.length < slice) return
        await pause()
      }
    },
    async byNewRules() {
      await heard()
      const { packed } = await look.now()
      fleet.follow(packed)
      const open: DeviceId[] = []
      for (let last: string | undefined = ''; last !== undefined; ) {
        const page = await pageJudgedAt(store.db, { after: last, limit: pageOfAll })
        for (const { device, judgedAt } of page)
          if (!fleet.holds(device, judgedAt)) open.push(device)
        last = page.length < pageOfAll ? undefined : page.at(-1)?.device
        // Full slices only, until the last: each costs a commit.
        while (open.length >= (last === undefined ? 1 : slice)) {
          await settle(open.splice(0, slice), {})
          await pause()
        }
        await pause()
      }
    },
    async detail(id) {
      const [world, before] = [await look.now(), await findVerdict(store.db, id)]
      const [device] = await devices.findDevices([id])
      if (!device || device.retiredAt !== undefined) return undefined
      return createDetailedJudge(world.policies, world.site)(
        subjectOf(device, world, before),
        clock.now(),
      )
    },
  }
}
