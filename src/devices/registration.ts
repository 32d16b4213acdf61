import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Journal } from '../store/journal.ts'
import type { Tx } from '../store/store.ts'
import type { Device, DeviceDraft, DeviceId, Partnership, PartnershipId } from './devices.ts'
import { boundFacts, cleanText } from './facts.ts'
import * as records from './records.ts'

/** Body of every `partnership.…` entry. */
export function partnershipNews({ id, user, device }: Partnership): object {
  return { partnership: id, user, ...(device !== undefined && { device }) }
}

/** The device that a draft describes. Throws `request.malformed`. */
export function deviceOf(id: DeviceId, draft: DeviceDraft, now: Instant): Device {
  const name = cleanText(draft.name)
  if (name === '') throw new Failure('request.malformed', 'the name of the device is empty')
  const facts = boundFacts(draft.facts ?? {}, now)
  return {
    id,
    owner: draft.owner,
    ownership: draft.ownership ?? 'personal',
    name,
    channel: cleanText(draft.channel),
    registration: 'registered',
    enrolledAt: now,
    ...(Object.keys(facts).length > 0 && { lastReportAt: now }),
    facts,
  }
}

/** Registers a new device. Throws `limit.exceeded`. */
export async function enrollDevice(tx: Tx, journal: Journal, device: Device): Promise<void> {
  const { value } = limits.devicesPerUser
  if ((await records.countRegistered(tx, device.owner)) >= value)
    throw new Failure('limit.exceeded', `devicesPerUser: ${value} registered devices of one user`)
  await records.insertDevice(tx, device)
  await journal.append(tx, 'device.enrolled', { device: device.id })
}

/** Ends a registration and unbinds its partnerships, which it returns. Throws `not.found`; again is harmless. */
export async function retireDevice(
  tx: Tx,
  journal: Journal,
  id: DeviceId,
  now: Instant,
): Promise<readonly PartnershipId[]> {
  const device = await records.findDevice(tx, id)
  if (!device) throw new Failure('not.found', `no device ${id}`)
  if (device.registration === 'revoked') return []
  const partnerships = await records.listPartnerships(tx, { device: id })
  await records.updateDevice(tx, { ...device, registration: 'revoked', retiredAt: now })
  await records.deleteActivations(tx, id)
  await journal.append(tx, 'device.retired', { device: id })
  for (const { id: partnership, user } of partnerships)
    await journal.append(tx, 'partnership.changed', { partnership, user })
  return partnerships.map((partnership) => partnership.id)
}

/** Drops a partnership. Throws `not.found`. */
export async function forgetPartnership(
  tx: Tx,
  journal: Journal,
  id: PartnershipId,
): Promise<void> {
  const partnership = await records.findPartnership(tx, id)
  if (!partnership) throw new Failure('not.found', `no partnership ${id}`)
  await records.deletePartnership(tx, id)
  await journal.append(tx, 'partnership.removed', partnershipNews(partnership))
}
