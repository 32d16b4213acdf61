import type { Access } from '../access/access.ts'
import { Failure } from '../base/failures.ts'
import { isId } from '../base/id.ts'
import type { Compliance } from '../compliance/compliance.ts'
import type { Device, Devices, Partnership } from '../devices/devices.ts'
import type { Directory, User } from '../directory/directory.ts'
import type { RowSource } from './rows.ts'

/** The rooms that rows are joined from. */
export interface ViewRooms {
  readonly directory: Directory
  readonly devices: Devices
  readonly compliance: Compliance
  readonly access: Access
}

/** What rows are made of, joined from the rooms as they are now: those of one user, or one. */
export interface View {
  /** Clients and devices of a user, oldest first. */
  ofUser(user: User): Promise<readonly RowSource[]>
  /** By id of the partnership or of the device. Throws `not.found`. */
  one(id: string): Promise<RowSource>
}

/** Joins devices, partnerships, decisions and verdicts into the sources of rows. */
export function createView({ directory, devices, compliance, access }: ViewRooms): View {
  async function join(
    partnership: Partnership | undefined,
    device: Device | undefined,
    user: User | undefined,
  ): Promise<RowSource> {
    const verdict = device && (await compliance.verdict(device.id))
    const decision = partnership && (await access.decision(partnership.id))
    return { partnership, device, user, decision, verdict }
  }

  return {
    async ofUser(user) {
      const listed = await devices.list({ user: user.id })
      const owned = new Map(listed.devices.map((device) => [device.id, device]))
      const rows: RowSource[] = []
      for (const partnership of listed.partnerships) {
        const device = partnership.device && owned.get(partnership.device)
        rows.push(await join(partnership, device, user))
      }
      const bound = new Set(listed.partnerships.map(({ device }) => device))
      for (const device of listed.devices)
        if (!bound.has(device.id)) rows.push(await join(undefined, device, user))
      return rows
    },
    async one(id) {
      if (isId('prt', id)) {
        const partnership = await devices.find(id)
        if (!partnership) throw new Failure('not.found', `no device ${id}`)
        const device = partnership.device && (await devices.find(partnership.device))
        return join(partnership, device, await directory.user(partnership.user))
      }
      const device = isId('dev', id) ? await devices.find(id) : undefined
      if (!device) throw new Failure('not.found', `no device ${id}`)
      const [partnership] = (await devices.list({ device: device.id })).partnerships
      return join(partnership, device, await directory.user(device.owner))
    },
  }
}
