import type { Clock, Instant } from '../base/clock.ts'
import type { Device, DeviceId, Devices } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import type { Store, Tx } from '../store/store.ts'
import type { ComplianceNews, SavedVerdict } from './compliance.ts'
import type { CompliancePolicy } from './policy.ts'
import { createDetailedJudge, type Detail } from './detail.ts'
import { forcesSettings } from './forcing.ts'
import {
  createJudge,
  type Judge,
  type Judgement,
  type SiteCompliance,
  type Subject,
} from './judge.ts'
import type { MembershipsOf, ProfileReachOf, Reach } from './memberships.ts'
import {
  deleteVerdict,
  findVerdict,
  pageJudged,
  readPolicies,
  readVerdicts,
  saveVerdict,
} from './records.ts'
import { siteOf } from './site.ts'

/** Judging devices and keeping what came out. */
export interface Rejudging {
  /** Judges one device; `undefined` when it is gone. */
  one(device: DeviceId, how?: How): Promise<SavedVerdict | undefined>
  /** Judges again what was judged before: all of it, or what these users own. In slices that let others in between. */
  all(owners: 'everyone' | readonly UserId[]): Promise<void>
  /** Judges one device with all that led to it, and saves nothing; `undefined` when it is gone. */
  detail(device: DeviceId): Promise<Detail | undefined>
}

interface How {
  /** Save the moment even where nothing differs. */
  readonly touch?: boolean
  /** Not before this moment, whatever this node's clock says. */
  readonly at?: Instant
}

/** What a judgement rests on, read before the transaction that keeps it. */
interface World {
  readonly devices: ReadonlyMap<DeviceId, Device | undefined>
  readonly policies: readonly CompliancePolicy[]
  readonly memberships: MembershipsOf
  readonly profileReaches: ProfileReachOf
  readonly site: SiteCompliance
  readonly judge: Judge
  /** The policies and what the site decides, to be compared. */
  readonly rules: string
}

/** Rings when a verdict could differ by time alone. */
export const recheckAlarm = 'compliance.recheck'

/** Devices per transaction: a few milliseconds each, so that nobody waits long for the one writer. */
const slice = 100

interface Rooms {
  readonly store: Store
  readonly devices: Devices
  readonly reach: Reach
  readonly clock: Clock
  readonly pause: () => Promise<void>
  /** Resolves when all news of memberships that was there before has been heard on this node. */
  readonly heard: () => Promise<void>
}

/**
 * Two may judge one device at a time: a follower and somebody who presses Check, on two nodes. Whoever has saved looks
 * again at what the judgement was made from, and judges anew if that has changed; and who changes it later leaves news,
 * which is judged later. So the last verdict saved is never made from what was old by then.
 */
export function createRejudging(rooms: Rooms): Rejudging {
  const { store, clock, pause, heard } = rooms
  const look = createLook(rooms)

  /** Judges these and returns the verdicts that were saved. */
  async function judge(world: World, { touch = false, at = 0 }: How) {
    return await store.transact(async (tx) => {
      const ids = [...world.devices.keys()]
      const before = new Map((await readVerdicts(tx, ids)).map((one) => [one.device, one]))
      const now = Math.max(clock.now(), at)
      const judged = new Map<DeviceId, { verdict: SavedVerdict; isNew: boolean }>()
      for (const [id, device] of world.devices) {
        const saved = before.get(id)
        if (!device || device.retiredAt !== undefined) {
          if (saved) await drop(store, tx, saved)
          continue
        }
        const judgement = world.judge(subjectOf(device, world, saved), now)
        const severe = severePolicies(judgement, world.policies)
        judged.set(id, await keep(store, tx, { device, saved, judgement, severe, now, touch }))
      }
      return judged
    })
  }

  async function settle(ids: readonly DeviceId[], how: How) {
    const verdicts = new Map<DeviceId, SavedVerdict | undefined>()
    for (let open = ids; open.length > 0; ) {
      const world = await look(open)
      const judged = await judge(world, how)
      for (const id of open) verdicts.set(id, judged.get(id)?.verdict)
      const saved = open.filter((id) => judged.get(id)?.isNew)
      if (saved.length > 0) await heard()
      const after = saved.length > 0 ? await look(saved) : world
      const isOld = (id: DeviceId) =>
        world.rules !== after.rules || basis(world, id) !== basis(after, id)
      open = saved.filter(isOld)
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

/** Reads what a judgement rests on. The policies are made ready anew only when they are others than the last time. */
function createLook({
  store,
  devices,
  reach,
}: Rooms): (ids: readonly DeviceId[]) => Promise<World> {
  let ready: Pick<World, 'rules' | 'judge'> | undefined
  const readyFor = (policies: readonly CompliancePolicy[], site: SiteCompliance) => {
    const rules = JSON.stringify([policies, site])
    if (ready?.rules !== rules) ready = { rules, judge: createJudge(policies, site) }
    return ready
  }
  return async (ids) => {
    const [policies, site] = [await readPolicies(store.db), await siteOf(store.db)]
    const memberships = await reach.memberships(policies)
    const profileReaches = await reach.profiles(policies)
    const found = new Map<DeviceId, Device | undefined>()
    for (const id of ids) found.set(id, await devices.find(id))
    return {
      devices: found,
      policies,
      memberships,
      profileReaches,
      site,
      ...readyFor(policies, site),
    }
  }
}

function subjectOf(
  device: Device,
  { memberships, profileReaches }: World,
  before: SavedVerdict | undefined,
): Subject {
  return {
    facts: device.facts,
    platform: device.facts.platform?.value ?? 'unknown',
    lastReportAt: device.lastReportAt,
    memberships: memberships(device),
    profileReaches: profileReaches(device),
    before,
    forced: forcesSettings(device.channel),
  }
}

/** What the judgement of this device alone rests on, to be compared. */
function basis({ devices, memberships, profileReaches }: World, id: DeviceId): string {
  const device = devices.get(id)
  const own = device && [...memberships(device)].sort()
  return JSON.stringify([device, own, device && profileReaches(device)])
}

/** Policies that are not met and whose administrator wants an event of that. */
function severePolicies(
  judgement: Judgement,
  policies: readonly CompliancePolicy[],
): readonly string[] {
  return policies
    .filter(({ severity }) => severity === 'criticalWithEvent')
    .map(({ name }) => name)
    .filter((name) => fails(judgement, name))
}

function fails(judgement: Judgement | undefined, name: string): boolean {
  return (judgement?.policies ?? []).some(
    ({ policy, state }) => policy === name && state === 'noncompliant',
  )
}

async function drop(store: Store, tx: Tx, saved: SavedVerdict): Promise<void> {
  const { device, state: was } = saved
  await deleteVerdict(tx, device)
  await store.alarms.set(tx, recheckAlarm, device, undefined)
  const news: ComplianceNews = { device, state: 'unknown', was }
  await store.journal.append(tx, 'compliance.changed', news)
}

async function keep(
  store: Store,
  tx: Tx,
  subject: {
    device: Device
    saved: SavedVerdict | undefined
    judgement: Judgement
    severe: readonly string[]
    now: Instant
    touch: boolean
  },
): Promise<{ verdict: SavedVerdict; isNew: boolean }> {
  const { device, saved, judgement, severe, now, touch } = subject
  const { id, owner } = device
  const differs = !saved || detailsOf(saved) !== detailsOf(judgement)
  if (!differs && !touch && !needsAlarm(saved, judgement, now))
    return { verdict: saved, isNew: false }
  await saveVerdict(tx, { device: id, owner }, judgement, now)
  if (judgement.recheckAt !== saved?.recheckAt || touch || needsAlarm(saved, judgement, now))
    await store.alarms.set(tx, recheckAlarm, id, judgement.recheckAt)
  const verdict: SavedVerdict = { ...judgement, device: id, judgedAt: now }
  if (!saved || newsOf(saved) !== newsOf(judgement)) {
    const { state } = judgement
    const news: ComplianceNews = { device: id, state, ...(saved && { was: saved.state }), verdict }
    await store.journal.append(tx, 'compliance.changed', news)
  } else if (saved.recheckAt !== judgement.recheckAt) {
    const { recheckAt } = judgement
    await store.journal.append(tx, 'compliance.recheck', { device: id, recheckAt })
  }
  const policies = severe.filter((policy) => !fails(saved, policy))
  if (policies.length > 0)
    await store.journal.append(tx, 'compliance.event', { device: id, policies })
  return { verdict, isNew: true }
}

// An alarm that rings too early only asks again; moving it with every report would cost a write each.
function needsAlarm(
  saved: SavedVerdict | undefined,
  { recheckAt }: Judgement,
  now: Instant,
): boolean {
  const set = saved?.recheckAt
  return recheckAt !== undefined && (set === undefined || set <= now || recheckAt < set)
}

/** What others must hear of. */
function newsOf({ state, heldState, findings, graceUntil }: Judgement): string {
  return JSON.stringify([state, heldState, findings, graceUntil])
}

/** All that is kept but its moments. */
function detailsOf(judgement: Judgement): string {
  const { policies, failingSince, erringSince, beforeError } = judgement
  return JSON.stringify([newsOf(judgement), policies, failingSince, erringSince, beforeError])
}
