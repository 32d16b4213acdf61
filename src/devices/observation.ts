import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { isId } from '../base/id.ts'
import type { Journal } from '../store/journal.ts'
import type { Tx } from '../store/store.ts'
import type { Device, DeviceId, PartnershipId } from './devices.ts'
import { boundFacts, type Facts, mergeFacts, sameFacts } from './facts.ts'
import * as records from './records.ts'
import { partnershipNews } from './registration.ts'

/** What was told, when, and whether it counts as a report. */
interface Told {
  readonly facts: Facts
  readonly reported: boolean
  readonly now: Instant
  /** Who judges the device in the same transaction. */
  readonly judgedBy?: string | undefined
}

/** Takes facts that a device or an EAS client told; the device, where there is news of it. */
export async function observe(
  tx: Tx,
  journal: Journal,
  subject: DeviceId | PartnershipId,
  told: Told,
): Promise<Device | undefined> {
  if (isId('dev', subject)) return await observeDevice(tx, journal, subject, told)
  return await observePartnership(tx, journal, subject, told)
}

/** Throws `not.found`, or `enrollment.refused` once it was retired. */
async function observeDevice(
  tx: Tx,
  journal: Journal,
  id: DeviceId,
  told: Told,
): Promise<Device | undefined> {
  const device = await records.findDevice(tx, id)
  if (!device) throw new Failure('not.found', `no device ${id}`)
  // A device that was lost or sold must not be told that its report was taken.
  if (device.registration === 'revoked')
    throw new Failure('enrollment.refused', `device ${id} was retired`)
  return await believe(tx, journal, device, {
    facts: boundFacts(told.facts, told.now),
    reportedAt: told.reported ? told.now : undefined,
    judgedBy: told.judgedBy,
  })
}

/**
 * Takes facts that a client told over EAS, for the partnership and for the device it is bound to. They are claims,
 * whatever the caller says: nothing that comes with a password alone is more. Throws `not.found`.
 */
async function observePartnership(
  tx: Tx,
  journal: Journal,
  id: PartnershipId,
  { facts: given, reported, now, judgedBy }: Told,
): Promise<Device | undefined> {
  const partnership = await records.findPartnership(tx, id)
  if (!partnership) throw new Failure('not.found', `no partnership ${id}`)
  const news = boundFacts(given, now, 'claimed')
  const facts = mergeFacts(partnership.facts, news)
  await records.updatePartnership(tx, { ...partnership, facts })
  if (reported) await records.updateReport(tx, id, now)
  const device = partnership.device && (await records.findDevice(tx, partnership.device))
  if (!sameFacts(partnership.facts, facts))
    await journal.append(tx, 'partnership.changed', partnershipNews(partnership))
  if (!device) return undefined
  return await believe(tx, journal, device, {
    facts: news,
    reportedAt: reported ? now : undefined,
    judgedBy,
  })
}

interface News {
  readonly facts: Facts
  /** Absent where this is no report. */
  readonly reportedAt: Instant | undefined
  readonly judgedBy?: string | undefined
}

/**
 * Merges facts into a device, and appends `device.observed` where anything but a fact's time changed; then it resolves to
 * the device as it is now.
 */
export async function believe(
  tx: Tx,
  journal: Journal,
  device: Device,
  { facts: news, reportedAt, judgedBy }: News,
): Promise<Device | undefined> {
  const facts = mergeFacts(device.facts, news)
  const newest = Math.max(reportedAt ?? 0, device.lastReportAt ?? 0)
  const believed = { ...device, facts, ...(newest > 0 && { lastReportAt: newest }) }
  await records.updateDevice(tx, believed)
  if (reportedAt === undefined && sameFacts(device.facts, facts)) return undefined
  const by = judgedBy !== undefined && { judgedBy }
  await journal.append(tx, 'device.observed', { device: device.id, ...by })
  return believed
}
