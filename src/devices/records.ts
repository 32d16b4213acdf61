import { sql } from 'kysely'
import type { Instant } from '../base/clock.ts'
import { readPages } from '../store/pages.ts'
import type { UserId } from '../directory/directory.ts'
import type { Database, Tx } from '../store/store.ts'
import type { Contact } from './contacts.ts'
import type { Contacted, Device, DeviceId, Partnership, PartnershipId } from './devices.ts'
import type { Facts } from './facts.ts'
import type { DevicesTables } from './migrations.ts'

const tables = (db: Database) => db.withTables<DevicesTables>()
const idOf = ({ id }: { readonly id: string }): string => id

function toDevice(row: DevicesTables['device']): Device {
  // Only this room writes this table, so a text column has the type that it was written from.
  return {
    id: row.id as DeviceId,
    owner: row.owner as UserId,
    ownership: row.ownership as Device['ownership'],
    name: row.name,
    channel: row.channel,
    registration: row.registration as Device['registration'],
    enrolledAt: row.enrolledAt,
    ...(row.retiredAt !== null && { retiredAt: row.retiredAt }),
    ...(row.lastReportAt !== null && { lastReportAt: row.lastReportAt }),
    facts: JSON.parse(row.facts) as Facts,
  }
}

type PartnershipRow = Awaited<ReturnType<ReturnType<typeof selectPartnerships>['executeTakeFirst']>>

function toPartnership(row: NonNullable<PartnershipRow>): Partnership {
  // As above.
  return {
    id: row.id as PartnershipId,
    user: row.user as UserId,
    eas: {
      deviceId: row.easDeviceId,
      deviceType: row.deviceType,
      userAgent: row.userAgent,
      protocolVersion: row.protocolVersion,
      ...(row.wlHeader && { wlHeader: row.wlHeader }),
    },
    ...(row.device !== null && { device: row.device as DeviceId }),
    ...(row.activatedAt !== null && { activatedAt: row.activatedAt }),
    firstSeenAt: row.firstSeenAt,
    lastSeenAt: row.lastSeenAt,
    ...(row.lastSuccessSyncAt !== null && { lastSuccessSyncAt: row.lastSuccessSyncAt }),
    facts: JSON.parse(row.facts) as Facts,
  }
}

function selectPartnerships(db: Database) {
  return tables(db)
    .selectFrom('partnership')
    .leftJoin('activation', 'activation.partnership', 'partnership.id')
    .selectAll('partnership')
    .select(['activation.device', 'activation.activatedAt'])
}

/** The device of this id. */
export async function findDevice(db: Database, id: DeviceId): Promise<Device | undefined> {
  const row = await tables(db)
    .selectFrom('device')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toDevice(row)
}

/** The devices of these ids, in no order; those that are not there are missing. */
export async function findDevices(
  db: Database,
  ids: readonly DeviceId[],
): Promise<readonly Device[]> {
  // PostgreSQL knows no empty list.
  if (ids.length === 0) return []
  const rows = await tables(db)
    .selectFrom('device')
    .selectAll()
    .where('id', 'in', [...ids])
    .execute()
  return rows.map(toDevice)
}

/** Devices that are not retired, in the order of their ids. */
export async function pageLiving(
  db: Database,
  page: { after: string; limit: number },
): Promise<readonly DeviceId[]> {
  const rows = await tables(db)
    .selectFrom('device')
    .select('id')
    .where('id', '>', page.after)
    .where('retiredAt', 'is', null)
    .orderBy('id')
    .limit(page.limit)
    .execute()
  return rows.map(({ id }) => id as DeviceId) // as above
}

/** The partnership of this id. */
export async function findPartnership(
  db: Database,
  id: PartnershipId,
): Promise<Partnership | undefined> {
  const row = await selectPartnerships(db).where('partnership.id', '=', id).executeTakeFirst()
  return row && toPartnership(row)
}

/** The user's partnership of this folded EAS DeviceId. */
export async function findClient(
  db: Database,
  user: UserId,
  folded: string,
): Promise<Partnership | undefined> {
  const row = await selectPartnerships(db)
    .where('partnership.user', '=', user)
    .where('partnership.folded', '=', folded)
    .executeTakeFirst()
  return row && toPartnership(row)
}

/** Devices in the order of their ids, which is that of their enrollment; those of an owner, or one. */
export async function listDevices(
  db: Database,
  filter: { user?: UserId; device?: DeviceId },
): Promise<readonly Device[]> {
  let query = tables(db).selectFrom('device').selectAll().orderBy('id')
  if (filter.user !== undefined) query = query.where('owner', '=', filter.user)
  if (filter.device !== undefined) query = query.where('id', '=', filter.device)
  return await readPages(idOf, async (after = '', limit) =>
    (await query.where('id', '>', after).limit(limit).execute()).map(toDevice),
  )
}

/** Partnerships in the order of their ids, which is that of their first contact; those of a user, of a device, or of both. */
export async function listPartnerships(
  db: Database,
  filter: { user?: UserId; device?: DeviceId },
): Promise<readonly Partnership[]> {
  let query = selectPartnerships(db).orderBy('partnership.id')
  if (filter.user !== undefined) query = query.where('partnership.user', '=', filter.user)
  if (filter.device !== undefined) query = query.where('activation.device', '=', filter.device)
  return await readPages(idOf, async (after = '', limit) =>
    (await query.where('partnership.id', '>', after).limit(limit).execute()).map(toPartnership),
  )
}

/** When each partnership was last there. */
export async function listContacts(db: Database): Promise<readonly Contacted[]> {
  const query = tables(db)
    .selectFrom('partnership')
    .select(['id', 'lastSeenAt', 'lastSuccessSyncAt'])
    .orderBy('id')
  const rows = await readPages(idOf, async (after = '', limit) =>
    query.where('id', '>', after).limit(limit).execute(),
  )
  return rows.map(({ id, lastSeenAt, lastSuccessSyncAt }) => ({
    id: id as PartnershipId, // as above
    lastSeenAt,
    ...(lastSuccessSyncAt !== null && { lastSuccessSyncAt }),
  }))
}

/** How many partnerships the user has. */
export async function countPartnerships(db: Database, user: UserId): Promise<number> {
  const row = await tables(db)
    .selectFrom('partnership')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('user', '=', user)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** How many registered devices the user owns. */
export async function countRegistered(db: Database, owner: UserId): Promise<number> {
  const row = await tables(db)
    .selectFrom('device')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('owner', '=', owner)
    .where('registration', '=', 'registered')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Writes a new device. */
export async function insertDevice(tx: Tx, device: Device): Promise<void> {
  await tables(tx)
    .insertInto('device')
    .values({
      ...device,
      retiredAt: device.retiredAt ?? null,
      lastReportAt: device.lastReportAt ?? null,
      facts: JSON.stringify(device.facts),
    })
    .execute()
}

/** Writes all of a device that can change. */
export async function updateDevice(tx: Tx, device: Device): Promise<void> {
  await tables(tx)
    .updateTable('device')
    .set({
      registration: device.registration,
      retiredAt: device.retiredAt ?? null,
      lastReportAt: device.lastReportAt ?? null,
      facts: JSON.stringify(device.facts),
    })
    .where('id', '=', device.id)
    .execute()
}

/** Writes a new partnership, which has no device yet. */
export async function insertPartnership(
  tx: Tx,
  partnership: Partnership,
  folded: string,
): Promise<void> {
  const { eas } = partnership
  await tables(tx)
    .insertInto('partnership')
    .values({
      id: partnership.id,
      user: partnership.user,
      folded,
      easDeviceId: eas.deviceId,
      deviceType: eas.deviceType,
      userAgent: eas.userAgent,
      protocolVersion: eas.protocolVersion,
      wlHeader: eas.wlHeader ?? '',
      firstSeenAt: partnership.firstSeenAt,
      lastSeenAt: partnership.lastSeenAt,
      lastSuccessSyncAt: null,
      lastReportAt: null,
      facts: JSON.stringify(partnership.facts),
    })
    .execute()
}

/** Writes what a client tells of itself: identity and facts; times of contact have their own way. */
export async function updatePartnership(tx: Tx, partnership: Partnership): Promise<void> {
  const { eas } = partnership
  await tables(tx)
    .updateTable('partnership')
    .set({
      deviceType: eas.deviceType,
      userAgent: eas.userAgent,
      protocolVersion: eas.protocolVersion,
      wlHeader: eas.wlHeader ?? '',
      facts: JSON.stringify(partnership.facts),
    })
    .where('id', '=', partnership.id)
    .execute()
}

/** Notes that the client reported through EAS. */
export async function updateReport(tx: Tx, partnership: PartnershipId, at: Instant): Promise<void> {
  await tables(tx)
    .updateTable('partnership')
    .set({ lastReportAt: at })
    .where('id', '=', partnership)
    .execute()
}

/** When the client last reported through EAS. */
export async function findReport(tx: Tx, partnership: PartnershipId): Promise<Instant | undefined> {
  const row = await tables(tx)
    .selectFrom('partnership')
    .select('lastReportAt')
    .where('id', '=', partnership)
    .executeTakeFirst()
  return row?.lastReportAt ?? undefined
}

/** Removes a partnership and its activation. */
export async function deletePartnership(tx: Tx, id: PartnershipId): Promise<void> {
  await tables(tx).deleteFrom('activation').where('partnership', '=', id).execute()
  await tables(tx).deleteFrom('partnership').where('id', '=', id).execute()
}

/** Who has this folded EAS DeviceId bound. */
export async function findBound(tx: Tx, folded: string): Promise<PartnershipId | undefined> {
  const row = await tables(tx)
    .selectFrom('activation')
    .select('partnership')
    .where('folded', '=', folded)
    .executeTakeFirst()
  return row?.partnership as PartnershipId | undefined // written from one
}

/** Binds the partnership to the device, in place of an earlier one. */
export async function writeActivation(
  tx: Tx,
  activation: DevicesTables['activation'],
): Promise<void> {
  const { device, activatedAt } = activation
  await tables(tx)
    .insertInto('activation')
    .values(activation)
    .onConflict((conflict) => conflict.column('partnership').doUpdateSet({ device, activatedAt }))
    .execute()
}

/** Unbinds every partnership of the device. */
export async function deleteActivations(tx: Tx, device: DeviceId): Promise<void> {
  await tables(tx).deleteFrom('activation').where('device', '=', device).execute()
}

/**
 * Writes times of contact, in one statement. A later time stays: another node may have written one meanwhile.
 * Partnerships that are gone are passed over.
 */
export async function writeContacts(tx: Tx, contacts: readonly Contact[]): Promise<void> {
  // Cast, as PostgreSQL takes bare parameters of `values` for text.
  const rows = contacts.map(
    ({ partnership, seenAt, successAt }) =>
      sql`(cast(${partnership} as text), cast(${seenAt} as bigint), cast(${successAt ?? null} as bigint))`,
  )
  await sql`
    with contact("id", "seenAt", "successAt") as (values ${sql.join(rows)})
    update "partnership" set
      "lastSeenAt" = case when contact."seenAt" > "lastSeenAt"
        then contact."seenAt" else "lastSeenAt" end,
      "lastSuccessSyncAt" = case when contact."successAt" > coalesce("lastSuccessSyncAt", 0)
        then contact."successAt" else "lastSuccessSyncAt" end
    from contact where "partnership"."id" = contact."id"`.execute(tx)
}
