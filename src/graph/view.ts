import type { Access, SavedDecision } from '../access/access.ts'
import { Failure } from '../base/failures.ts'
import { isId } from '../base/id.ts'
import type { Compliance, SavedVerdict } from '../compliance/compliance.ts'
import type { Device, DeviceId, Devices, Partnership, PartnershipId } from '../devices/devices.ts'
import type { Directory, User, UserId } from '../directory/directory.ts'
import type { Explain, RowSource } from './rows.ts'

export interface ViewRooms {
  readonly directory: Directory
  readonly devices: Devices
  readonly compliance: Compliance
  readonly access: Access
  readonly explain: Explain
}

/** What rows are made of, joined from the rooms: every row, those of one user, or one. */
export interface View {
  all(user?: UserId): Promise<readonly RowSource[]>
  one(id: string): Promise<RowSource>
}

/** Joins devices, partnerships, decisions and verdicts into the sources of rows. */
export function createView({ directory, devices, compliance, access }: ViewRooms): View {
  async function all(user?: UserId): Promise<readonly RowSource[]> {
    const [listed, everybody, decisions, verdicts] = await Promise.all([
      devices.list(user ? { user } : {}),
      directory.everybody(),
      access.decisions(),
      compliance.verdicts(),
    ])
    return join(
      listed,
      new Map(everybody.users.map((each) => [each.id, each])),
      decisions,
      new Map(verdicts.map((verdict) => [verdict.device, verdict])),
    )
  }
  return {
    all,
    async one(id) {
      if (!isId('prt', id) && !isId('dev', id)) throw new Failure('not.found', 'no such device')
      const found = (await all()).find(
        ({ partnership, device }) => (partnership?.id ?? device?.id) === id || device?.id === id,
      )
      if (!found) throw new Failure('not.found', `no device ${id}`)
      return found
    },
  }
}

function join(
  listed: { devices: readonly Device[]; partnerships: readonly Partnership[] },
  users: ReadonlyMap<UserId, User>,
  decisions: ReadonlyMap<PartnershipId, SavedDecision>,
  verdicts: ReadonlyMap<DeviceId, SavedVerdict>,
): readonly RowSource[] {
  const devices = new Map(listed.devices.map((device) => [device.id, device]))
  const bound = new Set<DeviceId>()
  const rows: RowSource[] = listed.partnerships.map((partnership) => {
    const device = partnership.device ? devices.get(partnership.device) : undefined
    if (device) bound.add(device.id)
    return {
      partnership,
      device,
      user: users.get(partnership.user),
      decision: decisions.get(partnership.id),
      verdict: device && verdicts.get(device.id),
    }
  })
  for (const device of listed.devices) {
    if (bound.has(device.id)) continue
    const owner = users.get(device.owner)
    rows.push({
      partnership: undefined,
      device,
      user: owner,
      decision: undefined,
      verdict: verdicts.get(device.id),
    })
  }
  return rows
}
