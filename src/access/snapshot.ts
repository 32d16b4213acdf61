import type { Instant } from '../base/clock.ts'
import type { SavedVerdict } from '../compliance/compliance.ts'
import { countedState } from '../compliance/verdict.ts'
import type { Device, DeviceId, Partnership, PartnershipId } from '../devices/devices.ts'
import type { Everybody, User, UserId } from '../directory/directory.ts'
import { transitiveGroups } from '../directory/directory.ts'
import { Client } from './client.ts'
import { type AccessPolicies, defaultAccessPolicies } from './policy.ts'
import { type Fitting, fittingDevice } from './fitting-device.ts'
import { indexOf, noteEdit } from './policy-index.ts'
import type { Autoblock, Circumstances } from './request.ts'

type Health = Pick<NonNullable<Circumstances['device']>, 'compliance' | 'findings' | 'graceUntil'>
type Account = Circumstances['user']
type Standing = Pick<Device, 'id' | 'owner' | 'registration'> &
  Fitting & {
    readonly number: number
    readonly domainJoined: boolean
    readonly attributes: Readonly<Record<string, string | undefined>>
  }

const noGroups: ReadonlySet<string> = new Set()

/**
 * All that decisions depend on, in memory. Each `set` tells which partnerships it may have changed. Nothing here reads or
 * waits: whoever keeps it fresh says so.
 */
export class Snapshot {
  #policies: AccessPolicies = defaultAccessPolicies
  #accounts = new Map<UserId, Account>()
  #names = new Map<UserId, string>()
  readonly #clients = new Map<PartnershipId, Client>()
  readonly #devices = new Map<DeviceId, Standing>()
  readonly #health = new Map<DeviceId, Health>()
  readonly #rechecks = new Map<DeviceId, Instant>()
  readonly #refusals = new Set<PartnershipId>()
  readonly #autoblocks = new Map<PartnershipId, Autoblock>()
  readonly #addresses = new Map<PartnershipId, string>()
  /** The next ones; nobody gets one that another had. */
  readonly #numbers = { users: 0, devices: 0 }
  readonly #byUser = new Map<UserId, Set<PartnershipId>>()
  readonly #byDevice = new Map<DeviceId, Set<PartnershipId>>()
  readonly #byOwner = new Map<UserId, Set<DeviceId>>()

  get policies(): AccessPolicies {
    return this.#policies
  }

  partnerships(): readonly PartnershipId[] {
    return [...this.#clients.keys()]
  }

  ofUser(user: UserId): readonly PartnershipId[] {
    return [...(this.#byUser.get(user) ?? [])]
  }

  ofDevice(device: DeviceId): readonly PartnershipId[] {
    return [...(this.#byDevice.get(device) ?? [])]
  }

  /** The sign-in name, which stays for good. */
  nameOf(user: UserId): string | undefined {
    return this.#names.get(user)
  }

  hasDevice(device: DeviceId): boolean {
    return this.#devices.has(device)
  }

  /** What the client last said of the mailbox policy. */
  policyRefused(partnership: PartnershipId): boolean {
    return this.#refusals.has(partnership)
  }

  /** Where the client was last seen by this node. */
  address(partnership: PartnershipId): string | undefined {
    return this.#addresses.get(partnership)
  }

  /** `undefined` where the partnership or its user is not known here. */
  circumstances(partnership: PartnershipId): Circumstances | undefined {
    return this.#clients.get(partnership)?.circumstances
  }

  /** `undefined` where the partnership is not known here. */
  client(partnership: PartnershipId): Client | undefined {
    return this.#clients.get(partnership)
  }

  /** Whether the verdict on this device is due to be given again. */
  isOverdue(device: DeviceId, now: Instant): boolean {
    const recheckAt = this.#rechecks.get(device)
    return recheckAt !== undefined && recheckAt <= now
  }

  setPolicies(policies: AccessPolicies): readonly PartnershipId[] {
    noteEdit(this.#policies, policies)
    this.#policies = policies
    return this.#drop(this.#clients.keys())
  }

  setEverybody(everybody: Everybody): readonly PartnershipId[] {
    const groups = transitiveGroups(everybody)
    const before = this.#accounts
    this.#accounts = new Map(
      everybody.users.map(({ id, enabled, role }) => {
        const known = before.get(id)
        const number = known?.number ?? this.#numbers.users++
        const account = { number, id, enabled, role, groups: groups.get(id) ?? noGroups }
        // The same object for who is the same: by it the compiled policies know whom they have met.
        return [id, known && isSameAccount(known, account) ? known : account]
      }),
    )
    this.#names = new Map(everybody.users.map(({ id, name }) => [id, name]))
    const changed = [...this.#byUser.keys()].filter(
      (user) => before.get(user) !== this.#accounts.get(user),
    )
    return changed.flatMap((user) => this.#drop(this.#byUser.get(user) ?? []))
  }

  /** A known user's own record; the groups stay. */
  setUser({ id, enabled, role }: User): readonly PartnershipId[] {
    const before = this.#accounts.get(id)
    if (before?.enabled === enabled && before.role === role) return []
    const number = before?.number ?? this.#numbers.users++
    this.#accounts.set(id, { number, id, enabled, role, groups: before?.groups ?? noGroups })
    return this.#drop(this.#byUser.get(id) ?? [])
  }

  setPartnership(partnership: Partnership): readonly PartnershipId[] {
    const { id, user, device } = partnership
    this.#unlink(id)
    this.#clients.set(id, new Client(partnership, this.#look))
    enter(this.#byUser, user, id)
    if (device) enter(this.#byDevice, device, id)
    return [id, ...this.#drop(this.#fitters(user))]
  }

  removePartnership(id: PartnershipId): readonly PartnershipId[] {
    const known = this.#unlink(id)
    if (!known) return []
    this.#addresses.delete(id)
    this.#autoblocks.delete(id)
    return [id, ...this.#drop(this.#fitters(known.user))]
  }

  #unlink(id: PartnershipId): Partnership | undefined {
    const known = this.#clients.get(id)?.partnership
    if (!known) return undefined
    this.#clients.delete(id)
    leave(this.#byUser, known.user, id)
    if (known.device) leave(this.#byDevice, known.device, id)
    return known
  }

  setDevice(device: Device): readonly PartnershipId[] {
    const { id, owner, registration, retiredAt, facts, name, ownership } = device
    enter(this.#byOwner, owner, id)
    this.#devices.set(id, {
      number: this.#devices.get(id)?.number ?? this.#numbers.devices++,
      id,
      owner,
      registration,
      imei: facts.imei?.value,
      active: retiredAt === undefined,
      platform: facts.platform?.value,
      domainJoined: isDomainPc(facts),
      attributes: {
        displayName: name,
        deviceOwnership: ownership === 'company' ? 'Company' : 'Personal',
        model: facts.model?.value,
        operatingSystem: facts.platform?.value,
        operatingSystemVersion: facts.osVersion?.value,
      },
    })
    return this.#drop(this.#clientsOf(id))
  }

  removeDevice(id: DeviceId): readonly PartnershipId[] {
    const dropped = this.setVerdict(id, undefined)
    const owner = this.#devices.get(id)?.owner
    if (owner) leave(this.#byOwner, owner, id)
    this.#devices.delete(id)
    return dropped
  }

  /** `undefined`: there is no verdict any more. */
  setVerdict(device: DeviceId, verdict: SavedVerdict | undefined): readonly PartnershipId[] {
    if (verdict) {
      this.#health.set(device, {
        compliance: countedState(verdict),
        findings: verdict.findings,
        graceUntil: verdict.graceUntil,
      })
    } else this.#health.delete(device)
    this.setRecheck(device, verdict?.recheckAt)
    return this.#drop(this.#clientsOf(device))
  }

  /** When the verdict is to be given again. */
  setRecheck(device: DeviceId, recheckAt: Instant | undefined): void {
    if (recheckAt === undefined) this.#rechecks.delete(device)
    else this.#rechecks.set(device, recheckAt)
  }

  setPolicyRefused(id: PartnershipId, refused: boolean): readonly PartnershipId[] {
    if (refused) this.#refusals.add(id)
    else this.#refusals.delete(id)
    return this.#drop([id])
  }

  /** `undefined`: the client is not kept out for its behaviour. */
  setAutoblock(id: PartnershipId, block: Autoblock | undefined): readonly PartnershipId[] {
    if (block) this.#autoblocks.set(id, block)
    else this.#autoblocks.delete(id)
    return this.#drop([id])
  }

  setAddress(id: PartnershipId, address: string): readonly PartnershipId[] {
    this.#addresses.set(id, address)
    return this.#drop([id])
  }

  /** Clients of this user that are not activated, where one may be taken for a device all the same. */
  #fitters(user: UserId): readonly PartnershipId[] {
    if (this.#policies.semantics.activation === 'required') return []
    return this.ofUser(user).filter((id) => !this.#clients.get(id)?.partnership.device)
  }

  /** Those that are bound to the device, and those that may be taken for it. */
  #clientsOf(device: DeviceId): readonly PartnershipId[] {
    const owner = this.#devices.get(device)?.owner
    return [...this.ofDevice(device), ...(owner ? this.#fitters(owner) : [])]
  }

  #fitting({ user, facts }: Partnership): Standing | undefined {
    if (this.#policies.semantics.activation === 'required') return undefined
    const free = [...(this.#byOwner.get(user) ?? [])].filter((id) => !this.#byDevice.has(id))
    return fittingDevice(
      free.map((id) => this.#devices.get(id)).filter((one) => one !== undefined),
      facts,
    )
  }

  #drop(ids: Iterable<PartnershipId>): readonly PartnershipId[] {
    const dropped = [...ids]
    for (const id of dropped) this.#clients.get(id)?.drop()
    return dropped
  }

  readonly #look = (partnership: Partnership): Circumstances | undefined => {
    const { id, user, eas, device, activatedAt, facts, firstSeenAt } = partnership
    const account = this.#accounts.get(user)
    if (!account) return undefined
    const fitting = device ? undefined : this.#fitting(partnership)
    const standing = device ? this.#devices.get(device) : fitting
    const allowed = indexOf(this.#policies).mailboxes.get(user)?.allowed
    return {
      user: account,
      eas: {
        deviceId: eas.deviceId,
        deviceType: eas.deviceType,
        userAgent: eas.userAgent,
        wlHeader: eas.wlHeader,
        // A client that tells an empty model has told nothing.
        model: facts.model?.value || undefined,
        operatingSystem: facts.operatingSystem?.value || undefined,
        platform: standing?.platform ?? facts.platform?.value ?? 'unknown',
        firstSeenAt,
        policyRefused: this.#refusals.has(id),
      },
      device: standing && {
        id: standing.id,
        number: standing.number,
        registered: standing.registration === 'registered',
        managed: standing.active,
        activated: activatedAt !== undefined || fitting !== undefined,
        domainJoined: standing.domainJoined,
        attributes: standing.attributes,
        ...(this.#health.get(standing.id) ?? unjudged),
      },
      address: this.#addresses.get(id),
      autoblock: this.#autoblocks.get(id),
      approved: allowed?.has(eas.deviceId.toLowerCase()) ?? false,
    }
  }
}

/** A PC that only says so itself is none: its user can say anything over EAS. */
function isDomainPc({ platform, domainJoined }: Device['facts']): boolean {
  const proven = domainJoined?.value === true && domainJoined.trust !== 'claimed'
  return proven && platform?.value === 'windows'
}

const unjudged = { compliance: 'unknown', findings: [], graceUntil: undefined } as const

function enter<K, V>(index: Map<K, Set<V>>, key: K, id: V): void {
  const ids = index.get(key)
  if (ids) ids.add(id)
  else index.set(key, new Set([id]))
}

function leave<K, V>(index: Map<K, Set<V>>, key: K, id: V): void {
  const ids = index.get(key)
  ids?.delete(id)
  if (ids?.size === 0) index.delete(key)
}

function isSameAccount(a: Account, b: Account): boolean {
  if (a.enabled !== b.enabled || a.role !== b.role || a.groups.size !== b.groups.size) return false
  return [...a.groups].every((group) => b.groups.has(group))
}
