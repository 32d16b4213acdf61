import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { Log } from '../base/log.ts'
import type { Device, DeviceId, Devices } from '../devices/devices.ts'
import type { Store, Tx } from '../store/store.ts'
import { judgeWithin } from './judging.ts'
import type { Noting } from './packed/noting.ts'
import type { Look, World } from './world.ts'

type Observing = NonNullable<Parameters<Devices['observeThrough']>[0]>
type Observation = Parameters<Observing>[0]

interface Rooms {
  readonly store: Store
  readonly look: Look
  readonly clock: Clock
  readonly noting: Noting
  /** Who judges here, as news of devices says it. */
  readonly here: string
  readonly log: Log
}

/** How often an observation is begun anew because the world changed right before it; then the follower judges. */
const attempts = 3

/** An observation on its way into the store. */
interface Waiting {
  readonly observation: Observation
  readonly done: () => void
  readonly failed: (thrown: unknown) => void
}

/** Most observations of one transaction: some ten milliseconds, so that nobody waits long for the one writer. */
const most = 64

/** What went wrong in judging, and not in what was observed. */
class Unjudged extends Error {}

/**
 * Judges a device in the very transaction that takes what it told, so that both cost one flush, and whoever was told that the
 * report was taken sees its verdict. What comes while another transaction is written goes into the next one, all together.
 *
 * Judging adds to a report and never takes it away: where it throws, the report is kept without a verdict, and the follower of
 * the journal judges, as it judges all else. `device.observed` says who has judged; what does not say so is judged by that
 * follower.
 */
export function createAtOnce(rooms: Rooms): Observing {
  const waiting: Waiting[] = []
  let running = false

  async function run() {
    running = true
    while (waiting.length > 0) await takeAll(rooms, waiting.splice(0, most))
    running = false
  }

  return (observation) =>
    new Promise<void>((done, failed) => {
      waiting.push({ observation, done, failed })
      if (!running) void run()
    })
}

/** Takes all of them in one transaction; where that cannot be, each in its own. Never throws. */
async function takeAll(rooms: Rooms, all: readonly Waiting[]): Promise<void> {
  const [first] = all
  if (all.length > 1) {
    try {
      await observeAndJudge(rooms, all)
      for (const { done } of all) done()
    } catch (thrown) {
      // Each alone would wait for the store as long as all together did.
      const isLost = thrown instanceof Failure && thrown.code === 'store.unavailable'
      if (isLost) for (const { failed } of all) failed(thrown)
      // Else whose fault it was shows when each is alone.
      else for (const one of all) await takeAll(rooms, [one])
    }
    return
  }
  if (!first) return
  try {
    await takeOne(rooms, first)
    first.done()
  } catch (thrown) {
    first.failed(thrown)
  }
}

async function takeOne(rooms: Rooms, one: Waiting): Promise<void> {
  try {
    await observeAndJudge(rooms, [one])
  } catch (thrown) {
    if (!(thrown instanceof Unjudged)) throw thrown
    rooms.log.error('compliance.unjudged', thrown.cause)
    await rooms.store.transact((tx) => one.observation(tx))
  }
}

/** Throws what an observation throws, or `Unjudged`; then nothing was kept. */
async function observeAndJudge(rooms: Rooms, all: readonly Waiting[]): Promise<void> {
  const { store, look, noting } = rooms
  let world = await judging(() => look.last())
  for (let tries = 0; tries < attempts; tries++) {
    const span = noting.begin()
    try {
      const judged = await store.transact((tx) => inOne(rooms, tx, all, world))
      if (judged) return span.putNews(judged.packed, world.packed)
    } finally {
      span.end()
    }
    world = await judging(() => look.now())
  }
  await store.transact(async (tx) => {
    for (const { observation } of all) await observation(tx)
  })
}

/** `undefined`, and nothing done, where the world has changed since it was looked at. */
async function inOne(rooms: Rooms, tx: Tx, all: readonly Waiting[], world: World) {
  const { store, look, clock, here } = rooms
  if (!(await look.holds(tx, world))) return undefined
  const observed = new Map<DeviceId, Device>()
  for (const { observation } of all) {
    const device = await observation(tx, here)
    if (device) observed.set(device.id, device)
  }
  return await judging(() => judgeWithin({ store, tx }, observed, world, { now: clock.now() }))
}

async function judging<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw new Unjudged('a device could not be judged', { cause: thrown })
  }
}
