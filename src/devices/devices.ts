import type { Clock, Instant } from '../base/clock.ts'
import { type Id, isId, newId } from '../base/id.ts'
import { limits } from '../base/limits.ts'
import { type Log, silentLog } from '../base/log.ts'
import type { UserId } from '../directory/directory.ts'
import type { Store, Tx } from '../store/store.ts'
import { activatePartnership } from './activation.ts'
import { createContacts } from './contacts.ts'
import type { Facts } from './facts.ts'
import { createKnown } from './known.ts'
import { createNews } from './news.ts'
import { createObserving, type Observing } from './observing.ts'
import { createPartnering } from './partnering.ts'
import * as records from './records.ts'
import { deviceOf, enrollDevice, forgetPartnership, retireDevice } from './registration.ts'

/** `dev_…` */
export type DeviceId = Id<'dev'>
/** `prt_…` */
export type PartnershipId = Id<'prt'>

/** A thing that is enrolled: it has an owner, facts, and maybe a certificate of ours. */
export interface Device {
  readonly id: DeviceId
  readonly owner: UserId
  readonly ownership: 'company' | 'personal'
  readonly name: string
  /** Enrollment channel: `portal` (confirmed by its user) or `report` (holds a certificate of our CA). */
  readonly channel: string
  readonly registration: 'registered' | 'revoked'
  readonly enrolledAt: Instant
  readonly retiredAt?: Instant
  /** When the device last reported by itself or through EAS; the base of "maximum report age". */
  readonly lastReportAt?: Instant
  readonly facts: Facts
}

/** What EAS tells of a client: all of it claimed. */
export interface EasIdentity {
  /** Compared without regard to case, kept as spelled. */
  readonly deviceId: string
  readonly deviceType: string
  readonly userAgent: string
  /** `14.1` */
  readonly protocolVersion: string
  /** What Outlook's cloud says of itself in `X-MS-WL`; absent where no such header came. */
  readonly wlHeader?: string
}

/** A user × EAS DeviceId pair seen at the gateway. */
export interface Partnership {
  readonly id: PartnershipId
  readonly user: UserId
  readonly eas: EasIdentity
  readonly device?: DeviceId
  readonly activatedAt?: Instant
  readonly firstSeenAt: Instant
  readonly lastSeenAt: Instant
  readonly lastSuccessSyncAt?: Instant
  /** Facts seen over EAS; they are the device's too once activated. */
  readonly facts: Facts
}

/** When a partnership was last there. */
export type Contacted = Pick<Partnership, 'id' | 'lastSeenAt' | 'lastSuccessSyncAt'>

/** A device to be. */
export interface DeviceDraft {
  readonly owner: UserId
  readonly name: string
  readonly channel: string
  /** Default `personal`. */
  readonly ownership?: 'company' | 'personal'
  readonly facts?: Facts
}

/** What `find` gives for an id. */
export type Found<S extends DeviceId | PartnershipId> = S extends DeviceId ? Device : Partnership

/**
 * Devices and partnerships. Appends, in the transaction of the change: `device.enrolled`, `device.observed`,
 * `device.retired` `{ device }`; `partnership.started`, `partnership.changed`, `partnership.activated`,
 * `partnership.removed` `{ partnership, user, device? }`.
 *
 * `device.observed` follows each report, also one that says nothing new (a policy of maximum report age needs to hear of
 * it), and each change of a fact's value or trust; `partnership.changed` each change of a fact's value or trust, of the
 * user agent or the device type, and the loss of its device. A new time or protocol version alone appends nothing.
 *
 * What was asked for is durable when the promise resolves. Times given to `seen` are written within a second: a crash
 * may lose that second, and nothing else.
 */
export interface Devices {
  /** Facts in the draft count as a report. Throws `limit.exceeded`, or `request.malformed` for an empty name. */
  enroll(draft: DeviceDraft): Promise<DeviceId>
  /**
   * Merges facts by trust and age, bounded; those of a partnership are claimed, and its device's too. `reported`: this
   * counts as a report of the device itself. Throws `not.found`; `enrollment.refused` for a device that was retired.
   */
  observe(subject: DeviceId | PartnershipId, facts: Facts, reported: boolean): Promise<void>
  /** From now on observations run through this one, or in transactions of their own. */
  observeThrough(observing: Observing | undefined): void
  /** Ends the registration; partnerships lose their device. Again is harmless. Throws `not.found`. */
  retire(device: DeviceId): Promise<void>
  find<S extends DeviceId | PartnershipId>(subject: S): Promise<Found<S> | undefined>
  /** The devices of these ids, at most some hundreds, in one look-up; as a transaction sees them, where one is given. */
  findDevices(ids: readonly DeviceId[], within?: Tx): Promise<readonly Device[]>
  /** Ids of devices that are not retired, in their order from after this one on, at most so many. */
  pageLiving(page: { after: string; limit: number }): Promise<readonly DeviceId[]>
  /**
   * Finds or starts the partnership, from memory where nothing changed; a new user agent, type or version is kept, the
   * first spelling of the DeviceId too. `limit.exceeded` past the per-user cap, `request.malformed` for a DeviceId that
   * is not visible ASCII. The platform that type and user agent show is a fact from the start.
   */
  partner(user: UserId, eas: EasIdentity): Promise<Partnership>
  /**
   * Binds the partnership to a registered device of the same user ("EAS activated"), whose facts and last report take
   * in those of the partnership. `permission.denied` when the device or the EAS DeviceId is another user's; `not.found`.
   * Again with another device moves it.
   */
  activate(partnership: PartnershipId, device: DeviceId): Promise<void>
  /** All, oldest first, with optional filter; the caller pages. */
  list(filter?: { user?: UserId; device?: DeviceId }): Promise<{
    readonly devices: readonly Device[]
    readonly partnerships: readonly Partnership[]
  }>
  /** When each partnership was last there; much cheaper than `list`. */
  contacts(): Promise<readonly Contacted[]>
  /** Notes a contact: cheap, in memory, written within a second and at stop. */
  seen(partnership: PartnershipId, at: Instant, successSync: boolean): void
  /** Drops the partnership; the same client is judged as new next time. Throws `not.found`. */
  forget(partnership: PartnershipId): Promise<void>
  /** Writes what `seen` noted and hears no more news. Before the store stops. */
  stop(): Promise<void>
}

/** Devices in our own store. */
export function createDevices(given: { store: Store; clock: Clock; log?: Log }): Devices {
  const { store, clock, log = silentLog } = given
  const { db, journal } = store
  const known = createKnown(limits.partnershipsKnown.value)
  const news = createNews(journal, known)
  const contacts = createContacts({ store, clock, log })
  const newPartnershipId = () => newId('prt', clock.now())
  const { listen } = news
  const partner = createPartnering({ store, clock, known, contacts, newPartnershipId, listen })

  const findPartnership = async (id: PartnershipId) => {
    const found = await records.findPartnership(db, id)
    return found && contacts.apply(found)
  }

  return {
    partner,
    ...createObserving({ store, clock, known }),
    async enroll(draft) {
      const now = clock.now()
      const device = deviceOf(newId('dev', now), draft, now)
      await store.transact((tx) => enrollDevice(tx, journal, device))
      return device.id
    },
    async retire(id) {
      const lost = await store.transact((tx) => retireDevice(tx, journal, id, clock.now()))
      for (const partnership of lost) known.drop(partnership)
    },
    async find<S extends DeviceId | PartnershipId>(subject: S) {
      const found = isId('prt', subject)
        ? await findPartnership(subject)
        : await records.findDevice(db, subject)
      return found as Found<S> | undefined // by the same prefix
    },
    findDevices: (ids, within) => records.findDevices(within ?? db, ids),
    pageLiving: (page) => records.pageLiving(db, page),
    async activate(id, device) {
      const now = clock.now()
      await store.transact((tx) => activatePartnership(tx, journal, id, device, now))
      known.drop(id)
    },
    async list(filter = {}) {
      const devices = await records.listDevices(db, filter)
      const partnerships = await records.listPartnerships(db, filter)
      return { devices, partnerships: partnerships.map(contacts.apply) }
    },
    contacts: async () => (await records.listContacts(db)).map(contacts.apply),
    seen(id, at, successSync) {
      contacts.note(id, at, successSync)
      known.touch(id, at, successSync)
    },
    async forget(id) {
      await store.transact((tx) => forgetPartnership(tx, journal, id))
      known.drop(id)
      contacts.forget(id)
    },
    async stop() {
      await news.stop()
      await contacts.stop()
    },
  }
}
