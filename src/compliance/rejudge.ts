import type { Clock, Instant } from '../base/clock.ts'
import type { Device, DeviceId, Devices } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import type { Store } from '../store/store.ts'
import type { SavedVerdict } from './compliance.ts'
import { createDetailedJudge, type Detail } from './detail.ts'
import { createKeeping, type Kept } from './keeping.ts'
import type { Subject } from './judge.ts'
import type { Reach } from './memberships.ts'
import type { Fleet, PackedDevice } from './packed/fleet.ts'
import type { Noting } from './packed/noting.ts'
import { findVerdict, pageJudged, pageJudgedAt, readVerdicts } from './records.ts'
import { createLook, sameWorld, subjectOf, type World } from './world.ts'

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
  readonly reach: Reach
  readonly clock: Clock
  readonly pause: () => Promise<void>
  readonly fleet: Fleet
  readonly noting: Noting
  /** Resolves when all news that was there before has been heard on this node. */
  readonly heard: () => Promise<void>
}

interface Judged {
  readonly world: World
  readonly judged: ReadonlyMap<DeviceId, Kept>
}

/** What judges these devices once, as they are now, and notes them for the next change of policies. */
function createJudging(
  { store, clock, noting }: Rooms,
  look: (ids: readonly DeviceId[]) => Promise<World>,
): (ids: readonly DeviceId[], how: How) => Promise<Judged> {
  async function judge(world: World, { touch = false, at = 0 }: How) {
    const { policies } = world
    const packed: PackedDevice[] = []
    const judged = await store.transact(async (tx) => {
      const ids = [...world.devices.keys()]
      const before = new Map((await readVerdicts(tx, ids)).map((one) => [one.device, one]))
      const now = Math.max(clock.now(), at)
      const keeping = createKeeping(store, tx)
      const kept = new Map<DeviceId, Kept>()
      for (const [id, device] of world.devices) {
        const saved = before.get(id)
        if (device && device.retiredAt === undefined) {
          const subject = subjectOf(device, world, saved)
          const judgement = world.judge(subject, now)
          const outcome = { device, saved, judgement, policies, now, touch }
          const one = await keeping.keep(outcome)
          kept.set(id, one)
          packed.push(packedOf(device, subject, world, one.verdict))
        } else if (saved) await keeping.drop(saved)
      }
      await keeping.write()
      return kept
    })
    return { judged, packed }
  }

  return async (ids, how) => {
    const span = noting.begin()
    try {
      const world = await look(ids)
      const { judged, packed } = await judge(world, how)
      span.put(packed, world.packed)
      return { world, judged }
    } finally {
      span.end()
    }
  }
}

/**
 * Two may judge one device at a time: a follower and somebody who presses Check, on two nodes. Whoever has saved looks
 * again at what the judgement was made from, and judges anew if that has changed; and who changes it later leaves news,
 * which is judged later. So the last verdict saved is never made from what was old by then.
 */
export function createRejudging(rooms: Rooms): Rejudging {
  const { store, clock, pause, heard, fleet } = rooms
  const look = createLook({ ...rooms, db: store.db })
  const judgeNow = createJudging(rooms, look)

  async function settle(ids: readonly DeviceId[], how: How) {
    const verdicts = new Map<DeviceId, SavedVerdict | undefined>()
    // What was there before has been heard: it throws no doubt on what is read from here on.
    await heard()
    for (let open = ids; open.length > 0; ) {
      const { world, judged } = await judgeNow(open, how)
      for (const id of open) verdicts.set(id, judged.get(id)?.verdict)
      const saved = open.filter((id) => judged.get(id)?.isNew)
      if (saved.length > 0) await heard()
      const after = saved.length > 0 ? await look(saved) : world
      open = saved.filter((id) => !sameWorld(world, after, id))
    }
    return verdicts
  }

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
      const { packed } = await look([])
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
      const [world, before] = [await look([id]), await findVerdict(store.db, id)]
      const device = world.devices.get(id)
      if (!device || device.retiredAt !== undefined) return undefined
      return createDetailedJudge(world.policies, world.site)(
        subjectOf(device, world, before),
        clock.now(),
      )
    },
  }
}

function packedOf(
  { id, owner }: Device,
  subject: Subject,
  { hasMemberships }: World,
  judgement: SavedVerdict,
): PackedDevice {
  const { judgedAt } = judgement
  return { id, owner, subject, hasMemberships, judgement, judgedAt }
}
