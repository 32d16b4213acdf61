import type { SavedDecision } from '../access/access.ts'
import type { Clock, Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { SavedVerdict } from '../compliance/compliance.ts'
import type { Device, DeviceId, Partnership, PartnershipId } from '../devices/devices.ts'
import type { User, UserId } from '../directory/directory.ts'
import type { Entry, Journal } from '../store/journal.ts'
import type { ManagedDevice } from './contract.ts'
import { type Explain, managedDevice, type RowSource } from './rows.ts'
import type { ViewRooms } from './view.ts'

/**
 * The rows of the devices page, held in memory while somebody looks: reading ten thousand devices from the store takes
 * half a second of a process that also serves mail. News of the journal names what to read again.
 */
export interface Roster {
  /** All rows, oldest first; what was committed before the call is in them. Retired devices without a client are left out. */
  rows(): Promise<readonly ManagedDevice[]>
  stop(): Promise<void>
}

/** What rows are joined from; decisions are in the memory of their own room. */
interface Held {
  users: ReadonlyMap<UserId, User>
  readonly devices: Map<DeviceId, Device>
  readonly verdicts: Map<DeviceId, SavedVerdict>
  readonly partnerships: Map<PartnershipId, Partnership>
  contactsAt: Instant
  /** Rows with what they were made of. */
  rows: Map<string, { readonly source: RowSource; readonly row: ManagedDevice }>
}

/** What must be read again. */
interface Stale {
  readonly devices: Set<DeviceId>
  readonly partnerships: Set<PartnershipId>
  users: boolean
}

const nothing = (): Stale => ({ devices: new Set(), partnerships: new Set(), users: false })

const kinds = [
  'compliance.changed',
  'device.enrolled',
  'device.observed',
  'device.retired',
  'directory.changed',
  'partnership.started',
  'partnership.changed',
  'partnership.activated',
  'partnership.removed',
]

interface Given {
  readonly rooms: ViewRooms
  readonly journal: Journal
  readonly clock: Clock
  readonly explain: Explain
}

/** Holds nothing until it is asked for the first time. */
export async function createRoster({ rooms, journal, clock, explain }: Given): Promise<Roster> {
  let held: Held | undefined
  let stale = nothing()
  let turn: Promise<unknown> = Promise.resolve()
  let forget = () => {}

  const follower = await journal.follow({
    name: 'graph.roster',
    kinds,
    durable: false,
    async take(entry) {
      if (held) note(stale, entry)
    },
  })

  async function refresh(): Promise<Held> {
    await follower.caughtUp()
    const news = stale
    stale = nothing()
    const kept = held
    const many = news.devices.size + news.partnerships.size > limits.rosterNews.value
    if (!kept || many) {
      // Before it is read, so that news from now on is noted.
      const fresh = emptyRoster()
      held = fresh
      await load(rooms, fresh)
      return fresh
    }
    await readAgain(rooms, kept, news)
    return kept
  }

  async function rows(): Promise<readonly ManagedDevice[]> {
    forget()
    forget = clock.after(limits.rosterIdleMs.value, () => {
      held = undefined
    })
    try {
      const fresh = await refresh()
      await readContacts(rooms, fresh, clock.now())
      return join(fresh, await rooms.access.decisions(), explain)
    } catch (thrown) {
      held = undefined // half read: the next look begins anew
      throw thrown
    }
  }

  return {
    rows() {
      const asked = turn.then(rows)
      // Whoever asks is told; the next one only waits for it.
      turn = asked.catch(() => {})
      return asked
    },
    async stop() {
      forget()
      await follower.stop()
    },
  }
}

function emptyRoster(): Held {
  return {
    users: new Map(),
    devices: new Map(),
    verdicts: new Map(),
    partnerships: new Map(),
    contactsAt: 0,
    rows: new Map(),
  }
}

function note(stale: Stale, { kind, body }: Entry): void {
  // The rooms that append these say in their fronts what is in them.
  const { device, partnership } = body as { device?: DeviceId; partnership?: PartnershipId }
  if (kind === 'directory.changed') stale.users = true
  if (device) stale.devices.add(device)
  if (partnership) stale.partnerships.add(partnership)
}

async function load({ directory, devices, compliance }: ViewRooms, held: Held): Promise<void> {
  held.users = await usersOf(directory)
  const listed = await devices.list()
  for (const device of listed.devices) held.devices.set(device.id, device)
  for (const partnership of listed.partnerships) held.partnerships.set(partnership.id, partnership)
  for (const verdict of await compliance.verdicts()) held.verdicts.set(verdict.device, verdict)
}

const usersOf = async (directory: ViewRooms['directory']) =>
  new Map((await directory.everybody()).users.map((user) => [user.id, user]))

async function readAgain(rooms: ViewRooms, held: Held, stale: Stale): Promise<void> {
  const { directory, devices, compliance } = rooms
  if (stale.users) held.users = await usersOf(directory)
  for (const id of stale.devices) {
    put(held.devices, id, await devices.find(id))
    put(held.verdicts, id, await compliance.verdict(id))
  }
  for (const id of stale.partnerships) put(held.partnerships, id, await devices.find(id))
}

function put<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}

async function readContacts({ devices }: ViewRooms, held: Held, now: Instant): Promise<void> {
  if (Math.abs(now - held.contactsAt) < limits.rosterContactsMs.value) return
  for (const { id, lastSeenAt, ...success } of await devices.contacts()) {
    const known = held.partnerships.get(id)
    if (!known) continue
    const { lastSuccessSyncAt } = success
    if (known.lastSeenAt !== lastSeenAt || known.lastSuccessSyncAt !== lastSuccessSyncAt)
      held.partnerships.set(id, { ...known, lastSeenAt, ...success })
  }
  held.contactsAt = now
}

/** Rows whose sources are the same are the same. */
function join(
  held: Held,
  decisions: ReadonlyMap<PartnershipId, SavedDecision>,
  explain: Explain,
): readonly ManagedDevice[] {
  const rows: Held['rows'] = new Map()
  const add = (id: string, source: RowSource) => {
    const known = held.rows.get(id)
    const same = known && isSame(known.source, source)
    rows.set(id, same ? known : { source, row: managedDevice(source, explain) })
  }
  const bound = new Set<DeviceId>()
  for (const partnership of held.partnerships.values()) {
    const { id, user } = partnership
    const device = partnership.device && held.devices.get(partnership.device)
    if (device) bound.add(device.id)
    add(id, {
      partnership,
      device,
      user: held.users.get(user),
      decision: decisions.get(id),
      verdict: device && held.verdicts.get(device.id),
    })
  }
  for (const device of held.devices.values()) {
    if (bound.has(device.id) || device.registration === 'revoked') continue
    add(device.id, {
      partnership: undefined,
      device,
      user: held.users.get(device.owner),
      decision: undefined,
      verdict: held.verdicts.get(device.id),
    })
  }
  held.rows = rows
  return [...rows.values()].map(({ row }) => row)
}

function isSame(a: RowSource, b: RowSource): boolean {
  return (
    a.partnership === b.partnership &&
    a.device === b.device &&
    a.user === b.user &&
    a.verdict === b.verdict &&
    isSameDecision(a.decision, b.decision)
  )
}

/** Decisions come as copies; of what a row shows, each change is a decision of its own. */
function isSameDecision(a: SavedDecision | undefined, b: SavedDecision | undefined): boolean {
  return (
    a?.decidedAt === b?.decidedAt &&
    a?.state === b?.state &&
    a?.stateReason === b?.stateReason &&
    a?.judged === b?.judged &&
    a?.enforced === b?.enforced
  )
}
