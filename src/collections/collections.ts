import { type Clock, inTurns } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import type { Device, Devices } from '../devices/devices.ts'
import { type Directory, transitiveGroups, type User } from '../directory/directory.ts'
import { changesBetween, type Thing } from '../history/difference.ts'
import type { HistoryWriter } from '../history/history.ts'
import type { Database, Store, Tx } from '../store/store.ts'
import { checkCollections } from './checks.ts'
import type { Collection, CollectionDraft, CollectionId } from './collection.ts'
import { createMembership, type Subject } from './membership.ts'
import { deviceAttributes, userAttributes } from './properties.ts'
import { readCollections, saveCollections } from './records.ts'

/** Tells of users and devices what they are in: groups, nested ones included, and collections. */
export interface Memberships {
  /** Groups and user collections. */
  user(id: User['id']): ReadonlySet<string>
  /** Those of its owner, and device collections. */
  device(device: Device): ReadonlySet<string>
}

/** What collections there shall be, from those that there are; a draft with an id takes that one's place. */
export type NextCollections = (
  before: readonly Collection[],
) => readonly (CollectionDraft & { readonly id?: CollectionId })[]

/**
 * Collections of users and devices. Appends `collections.changed` `{ actor }` in the transaction of a change. Who is a
 * member is kept nowhere: it follows from what is true of a user or device, at the moment of asking.
 */
export interface Collections {
  /** All, oldest first; as a transaction sees them, where one is given. */
  list(within?: Database): Promise<readonly Collection[]>
  /**
   * Changes the set to what `next` makes of it, all or nothing; nobody else changes it meanwhile. `guard` may throw to
   * prevent it. Throws `collection.invalid`, `filter.invalid`, `limit.exceeded`.
   */
  change(
    next: NextCollections,
    actor: string,
    guard?: (tx: Tx, after: readonly Collection[]) => Promise<void>,
  ): Promise<readonly Collection[]>
  /** Everybody's memberships, by the directory and the collections as they are now. */
  memberships(): Promise<Memberships>
  /** The members of each collection, by its id. */
  members(): Promise<ReadonlyMap<string, Members>>
  /** What `change` would make of the set, and who would be in each; nothing is saved. Throws as `change` does. */
  tried(next: NextCollections): Promise<{
    readonly collections: readonly Collection[]
    readonly members: ReadonlyMap<string, Members>
  }>
}

/** Who is in a collection: users or devices, as its kind says. */
export interface Members {
  readonly users: readonly User[]
  readonly devices: readonly Device[]
}

/** Collections in our own store. */
export function createCollections(rooms: {
  store: Store
  directory: Directory
  devices: Devices
  history: HistoryWriter
  clock: Clock
}): Collections {
  const { store, directory, devices, history, clock } = rooms
  const { db, journal } = store
  const memberships = async () => readMemberships(await readCollections(db), directory)
  const membersOf = async (collections: readonly Collection[]) => {
    const of = await readMemberships(collections, directory)
    const { users } = await directory.everybody()
    const { devices: all } = await devices.list()
    const inUse = all.filter(({ retiredAt }) => retiredAt === undefined)
    return await gather(collections, of, users, inUse)
  }

  return {
    list: (within = db) => readCollections(within),
    async change(next, actor, guard) {
      return await store.transact(async (tx) => {
        const before = await readCollections(tx)
        const after = renew(before, next(before), clock)
        checkCollections(after)
        await guard?.(tx, after)
        await saveCollections(tx, before, after)
        await journal.append(tx, 'collections.changed', { actor })
        const changes = changesBetween('collection', before, after, thingOf)
        await history.append(tx, actor, changes)
        return after
      })
    },
    memberships,
    members: async () => membersOf(await readCollections(db)),
    async tried(next) {
      const before = await readCollections(db)
      const collections = renew(before, next(before), clock)
      checkCollections(collections)
      return { collections, members: await membersOf(collections) }
    },
  }
}

interface Found extends Members {
  readonly kind: Collection['kind']
  readonly users: User[]
  readonly devices: Device[]
}

async function gather(
  collections: readonly Collection[],
  of: Memberships,
  users: readonly User[],
  devices: readonly Device[],
): Promise<ReadonlyMap<string, Members>> {
  const found = new Map<string, Found>(
    collections.map(({ id, kind }) => [id, { kind, users: [], devices: [] }]),
  )
  await inTurns(users, (user) => {
    for (const id of of.user(user.id)) {
      const members = found.get(id) // others are groups
      if (members?.kind === 'user') members.users.push(user)
    }
  })
  await inTurns(devices, (device) => {
    for (const id of of.device(device)) {
      const members = found.get(id)
      if (members?.kind === 'device') members.devices.push(device)
    }
  })
  return found
}

async function readMemberships(
  collections: readonly Collection[],
  directory: Directory,
): Promise<Memberships> {
  const everybody = await directory.everybody()
  const membershipOf = createMembership(collections)
  const groups = transitiveGroups(everybody)
  const names = new Map(everybody.groups.map(({ id, name }) => [id, name]))
  const users = new Map(everybody.users.map((user) => [user.id, user]))
  const subjectOf = (id: User['id']): Subject | undefined => {
    const user = users.get(id)
    if (!user) return undefined
    const of = [...(groups.get(id) ?? [])].flatMap((group) => names.get(group) ?? [])
    return { kind: 'user', id, attributes: userAttributes(user, of) }
  }
  return {
    user(id) {
      const subject = collections.length > 0 ? subjectOf(id) : undefined
      return new Set<string>([...(groups.get(id) ?? []), ...(subject ? membershipOf(subject) : [])])
    },
    device(device) {
      const own = groups.get(device.owner) ?? []
      if (collections.length === 0) return new Set<string>(own)
      const subject: Subject = {
        kind: 'device',
        id: device.id,
        attributes: deviceAttributes(device),
      }
      return new Set<string>([...own, ...membershipOf(subject, subjectOf(device.owner))])
    },
  }
}

function thingOf({ id, createdAt: _created, modifiedAt: _modified, ...says }: Collection): Thing {
  return { id, name: says.name, value: says }
}

function renew(
  before: readonly Collection[],
  drafts: ReturnType<NextCollections>,
  clock: Clock,
): readonly Collection[] {
  const now = clock.now()
  const known = new Map(before.map((one) => [one.id, one]))
  return drafts.map((draft) => {
    const old = draft.id === undefined ? undefined : known.get(draft.id)
    if (!old) return { ...draft, id: newId('col', now), createdAt: now, modifiedAt: now }
    if (draft === old) return old
    return { ...draft, id: old.id, createdAt: old.createdAt, modifiedAt: now }
  })
}
