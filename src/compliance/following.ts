import type { Log } from '../base/log.ts'
import type { Clock } from '../base/clock.ts'
import type { DeviceId, Devices } from '../devices/devices.ts'
import type { Directory } from '../directory/directory.ts'
import type { Store } from '../store/store.ts'
import { createAtOnce } from './at-once.ts'
import { createHearing } from './hearing.ts'
import { recheckAlarm } from './keeping.ts'
import type { Reach } from './memberships.ts'
import type { Noting } from './packed/noting.ts'
import type { Rejudging } from './rejudge.ts'
import { createTaking, newsOfCompliance } from './taking.ts'
import type { Look } from './world.ts'

/** All that makes devices be judged by itself. */
export interface Following {
  /** Resolves when all news that was there before has been heard on this node. */
  heard(): Promise<void>
  stop(): Promise<void>
}

/** Judges when there is news, when a moment has come, and when a device reports. */
export async function startFollowing(rooms: {
  readonly store: Store
  readonly directory: Directory
  readonly devices: Devices
  readonly reach: Reach
  readonly look: Look
  readonly noting: Noting
  readonly rejudging: Rejudging
  readonly clock: Clock
  readonly log: Log
  /** Who judges on this node. */
  readonly here: string
}): Promise<Following> {
  const { store, devices, rejudging } = rooms
  // On every node, for whoever judges here: the durable follower below may be at work on another one.
  const hearing = await store.journal.follow({
    name: 'compliance.reach',
    kinds: newsOfCompliance,
    durable: false,
    take: createHearing(rooms),
  })
  store.alarms.on(recheckAlarm, async (device, at) => {
    await rejudging.one(device as DeviceId, { at }) // set for devices only
  })
  const judging = await store.journal.follow({
    name: 'compliance',
    kinds: newsOfCompliance,
    durable: true,
    take: createTaking(rooms),
  })
  devices.observeThrough(createAtOnce(rooms))
  return {
    heard: () => hearing.caughtUp(),
    async stop() {
      devices.observeThrough(undefined)
      await judging.stop()
      await hearing.stop()
    },
  }
}
