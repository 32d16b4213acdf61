import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { Journal } from '../store/journal.ts'
import type { Tx } from '../store/store.ts'
import type { DeviceId, PartnershipId } from './devices.ts'
import { foldDeviceId } from './eas-identity.ts'
import { believe } from './observation.ts'
import * as records from './records.ts'
import { partnershipNews } from './registration.ts'

/**
 * Binds a partnership to a device of the same user; the device then believes what its EAS client told. Again with the
 * same device is harmless, with another it moves.
 *
 * An EAS DeviceId is no secret: somebody who knows a colleague's could start a partnership under it and bind that to a
 * healthy device. So one user at a time has an id bound; an administrator frees it by retiring or forgetting.
 */
export async function activatePartnership(
  tx: Tx,
  journal: Journal,
  id: PartnershipId,
  deviceId: DeviceId,
  now: Instant,
): Promise<void> {
  const partnership = await records.findPartnership(tx, id)
  if (!partnership) throw new Failure('not.found', `no partnership ${id}`)
  const device = await records.findDevice(tx, deviceId)
  if (!device || device.registration === 'revoked')
    throw new Failure('not.found', `no registered device ${deviceId}`)
  if (device.owner !== partnership.user)
    throw new Failure('permission.denied', 'the device belongs to another user')
  const folded = foldDeviceId(partnership.eas.deviceId)
  const bound = await records.findBound(tx, folded)
  if (bound !== undefined && bound !== id)
    throw new Failure('permission.denied', 'the EAS DeviceId is bound by another user')
  if (partnership.device === deviceId) return
  const row = { folded, partnership: id, device: deviceId, activatedAt: now }
  await records.writeActivation(tx, row)
  const activated = { ...partnership, device: deviceId }
  await journal.append(tx, 'partnership.activated', partnershipNews(activated))
  await believe(tx, journal, device, {
    facts: partnership.facts,
    reportedAt: await records.findReport(tx, id),
  })
}
