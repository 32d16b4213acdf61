import type { Instant } from '../base/clock.ts'
import type { Id } from '../base/id.ts'
import type { DeviceId } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'

/** `col_…` */
export type CollectionId = Id<'col'>

/** A set of users or devices, as an administrator describes it. */
export interface CollectionDraft {
  /** Unique without regard to case, 1 to 256 characters. */
  readonly name: string
  readonly description?: string
  /** What its members are. A device collection may include and exclude user collections: the devices of those users. */
  readonly kind: 'user' | 'device'
  /** Members by name, whatever their properties. */
  readonly direct: readonly (UserId | DeviceId)[]
  /** Everything that it says is a member too; in the language of device filters. */
  readonly rule?: string
  /** Collections whose members are members. */
  readonly include: readonly CollectionId[]
  /** Collections whose members are none, whatever else speaks for them. */
  readonly exclude: readonly CollectionId[]
  /** Only members of this one can be members. */
  readonly limiting?: CollectionId
}

/** A collection as it is kept. */
export interface Collection extends CollectionDraft {
  readonly id: CollectionId
  readonly createdAt: Instant
  readonly modifiedAt: Instant
}
