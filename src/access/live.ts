import type { Clock, Instant } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Compliance, ComplianceNews } from '../compliance/compliance.ts'
import type { DeviceId, Devices, PartnershipId } from '../devices/devices.ts'
import type { Directory, UserId } from '../directory/directory.ts'
import type { Entry } from '../store/journal.ts'
import type { Store } from '../store/store.ts'
import { createPeople } from './people.ts'
import type { CasMailbox } from './policy.ts'
import { findMailbox, readAutoblocks, readPolicies } from './records.ts'
import { Snapshot } from './snapshot.ts'

/** The snapshot of this node, kept fresh by following the journal. */
export interface Live {
  readonly snapshot: Snapshot
  /** The latest instant for which it is known that all news before it was heard. */
  freshAt(): Instant
  /** Resolves when all that was heard is in the snapshot, too; `undefined` when it is. */
  settled(): Promise<void> | undefined
  /** Resolves when everything that was committed before this call is in the snapshot, but for users who are new. */
  caughtUp(): Promise<void>
  /** The same, with new users: they are read when the first of them is asked for, since reading reads everybody. */
  meetNewcomers(): Promise<void>
  /** Calls `listen` with the partnerships whose decision may differ, right when the snapshot has changed. */
  onChange(listen: (partnerships: readonly PartnershipId[]) => void): void
  stop(): Promise<void>
}

/** All that decisions depend on; the durable follower hears of the same. */
export const newsKinds: readonly string[] = [
  'access.policies',
  'access.autoblock',
  'compliance.changed',
  'device.enrolled',
  'device.observed',
  'device.retired',
  'directory.changed',
  'partnership.activated',
  'partnership.changed',
  'partnership.removed',
  'partnership.started',
]

interface Rooms {
  readonly store: Store
  readonly directory: Directory
  readonly devices: Devices
  readonly compliance: Pick<Compliance, 'verdicts'>
  readonly clock: Clock
  readonly log: Log
  readonly pause: () => Promise<void>
}

type Change = (partnerships: readonly PartnershipId[]) => void

/** News taken in one turn of the event loop. */
const turn = 50

/**
 * Loads the snapshot and follows the news. News is heard from before the loading begins, and taken in after it, so that
 * nothing falls in between.
 */
export async function createLive(rooms: Rooms): Promise<Live> {
  const { store, directory, clock, log, pause } = rooms
  const snapshot = new Snapshot()
  const listeners: Change[] = []
  const changed: Change = (ids) => {
    if (ids.length > 0) for (const listen of listeners) listen(ids)
  }
  const people = createPeople({ directory, snapshot, changed, clock, log, pause })
  let taken = 0
  const loaded = Promise.withResolvers<void>()
  // Only those who take wait for it; without any, a failed load has been told to the caller below.
  loaded.promise.catch(() => {})
  const follower = await store.journal.follow({
    name: 'access.snapshot',
    kinds: [...newsKinds, 'compliance.recheck'],
    durable: false,
    async take(entry) {
      await loaded.promise
      // The store may answer without leaving the turn; then a long row of news would let nobody else in.
      if (++taken % turn === 0) await pause()
      if (entry.kind === 'directory.changed')
        await people.take(entry.body as Parameters<typeof people.take>[0]) // as that room appends it
      else await takeIn(rooms, snapshot, entry, changed)
    },
  })
  try {
    await load(rooms, snapshot)
    loaded.resolve()
  } catch (thrown) {
    loaded.reject(thrown)
    await follower.stop()
    throw thrown
  }
  return {
    snapshot,
    freshAt: () => follower.freshAt(),
    settled: () => people.settled(),
    async caughtUp() {
      await follower.caughtUp()
      await people.settled()
    },
    async meetNewcomers() {
      await follower.caughtUp()
      await people.meetNewcomers()
    },
    onChange: (listen) => void listeners.push(listen),
    stop: () => follower.stop(),
  }
}

async function load({ store, directory, compliance, devices }: Rooms, snapshot: Snapshot) {
  snapshot.setPolicies(await readPolicies(store.db))
  snapshot.setEverybody(await directory.everybody())
  for (const verdict of await compliance.verdicts()) snapshot.setVerdict(verdict.device, verdict)
  const listed = await devices.list()
  for (const device of listed.devices) snapshot.setDevice(device)
  for (const partnership of listed.partnerships) snapshot.setPartnership(partnership)
  for (const [partnership, block] of await readAutoblocks(store.db))
    snapshot.setAutoblock(partnership, block)
}

async function takeIn(
  { store, devices }: Rooms,
  snapshot: Snapshot,
  { kind, body }: Entry,
  changed: Change,
): Promise<void> {
  // The rooms that append these say in their fronts what is in them.
  const { device, partnership, user, verdict, recheckAt } = body as Partial<ComplianceNews> & {
    device?: DeviceId
    recheckAt?: Instant
    partnership?: PartnershipId
    user?: UserId
  }
  if (kind === 'access.policies') {
    const policies = user
      ? withMailbox(snapshot.policies, user, await findMailbox(store.db, user))
      : await readPolicies(store.db)
    return changed(snapshot.setPolicies(policies))
  }
  if (kind === 'access.autoblock' && partnership) {
    const blocks = await readAutoblocks(store.db, partnership)
    return changed(snapshot.setAutoblock(partnership, blocks.get(partnership)))
  }
  if (kind === 'compliance.changed' && device) return changed(snapshot.setVerdict(device, verdict))
  if (kind === 'compliance.recheck' && device) return snapshot.setRecheck(device, recheckAt)
  if (partnership) {
    const found = await devices.find(partnership)
    // A partnership may be bound to a device in the transaction that made it.
    if (found?.device && !snapshot.hasDevice(found.device))
      changed(await readDevice(devices, snapshot, found.device))
    return changed(found ? snapshot.setPartnership(found) : snapshot.removePartnership(partnership))
  }
  if (device) changed(await readDevice(devices, snapshot, device))
}

async function readDevice(devices: Devices, snapshot: Snapshot, id: DeviceId) {
  const device = await devices.find(id)
  return device ? snapshot.setDevice(device) : snapshot.removeDevice(id)
}

function withMailbox(
  policies: Snapshot['policies'],
  user: UserId,
  mailbox: CasMailbox | undefined,
): Snapshot['policies'] {
  const others = policies.casMailboxes.filter((one) => one.user !== user)
  return { ...policies, casMailboxes: mailbox ? [...others, mailbox] : others }
}
