import type { Instant } from '../base/clock.ts'
import { readPages } from '../store/pages.ts'
import type { DeviceId } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import type { Database, Tx } from '../store/store.ts'
import type { SavedVerdict } from './compliance.ts'
import type { CompliancePolicy, KeptPolicy, PolicyId } from './policy.ts'
import type { Judgement, SiteCompliance } from './judge.ts'
import type { ComplianceTables } from './migrations.ts'

const tables = (db: Database) => db.withTables<ComplianceTables>()

const verdictColumns = ['device', 'document', 'judgedAt', 'recheckAt'] as const

interface VerdictRow {
  device: string
  document: string
  judgedAt: number
  recheckAt: number | null
}

function toVerdict(row: VerdictRow): SavedVerdict {
  const { recheckAt: _, ...judgement } = JSON.parse(row.document) as Judgement // written by saveVerdict only
  return {
    ...judgement,
    device: row.device as DeviceId, // written from one
    judgedAt: row.judgedAt,
    ...(row.recheckAt !== null && { recheckAt: row.recheckAt }),
  }
}

/** The saved verdict on a device. */
export async function findVerdict(
  db: Database,
  device: DeviceId,
): Promise<SavedVerdict | undefined> {
  const row = await tables(db)
    .selectFrom('compliance_verdict')
    .select(verdictColumns)
    .where('device', '=', device)
    .executeTakeFirst()
  return row && toVerdict(row)
}

/** The saved verdicts on these devices, or on all. */
export async function readVerdicts(
  db: Database,
  devices?: readonly DeviceId[],
): Promise<readonly SavedVerdict[]> {
  const query = tables(db).selectFrom('compliance_verdict').select(verdictColumns)
  if (devices) return (await query.where('device', 'in', [...devices]).execute()).map(toVerdict)
  return await readPages(
    ({ device }): string => device,
    async (after = '', limit) =>
      (await query.where('device', '>', after).orderBy('device').limit(limit).execute()).map(
        toVerdict,
      ),
  )
}

/** Judged devices in the order of their ids: those of some owners, or all. */
export async function pageJudged(
  db: Database,
  page: { owners: 'everyone' | readonly UserId[]; after: string; limit: number },
): Promise<readonly DeviceId[]> {
  let query = tables(db)
    .selectFrom('compliance_verdict')
    .select('device')
    .where('device', '>', page.after)
  if (page.owners !== 'everyone') query = query.where('owner', 'in', [...page.owners])
  const rows = await query.orderBy('device').limit(page.limit).execute()
  return rows.map((row) => row.device as DeviceId) // written from one
}

/** Judged devices in the order of their ids, and when each was judged last. */
export async function pageJudgedAt(
  db: Database,
  page: { after: string; limit: number },
): Promise<readonly Pick<SavedVerdict, 'device' | 'judgedAt'>[]> {
  const rows = await tables(db)
    .selectFrom('compliance_verdict')
    .select(['device', 'judgedAt'])
    .where('device', '>', page.after)
    .orderBy('device')
    .limit(page.limit)
    .execute()
  return rows.map(({ device, judgedAt }) => ({ device: device as DeviceId, judgedAt })) // written from one
}

/** When judged devices were judged last, and when time alone changes that: those after one id, up to another. */
export async function readMoments(
  db: Database,
  ids: { after: string; upTo: string },
): Promise<ReadonlyMap<DeviceId, Pick<SavedVerdict, 'judgedAt' | 'recheckAt'>>> {
  const rows = await tables(db)
    .selectFrom('compliance_verdict')
    .select(['device', 'judgedAt', 'recheckAt'])
    .where('device', '>', ids.after)
    .where('device', '<=', ids.upTo)
    .execute()
  return new Map(
    rows.map(({ device, judgedAt, recheckAt }) => [
      device as DeviceId, // written from one
      { judgedAt, ...(recheckAt !== null && { recheckAt }) },
    ]),
  )
}

/** A verdict on its way into the store. */
export interface Judged {
  readonly device: DeviceId
  readonly owner: UserId
  readonly judgement: Judgement
  readonly judgedAt: Instant
}

/** Writes verdicts over those before, in one statement; each device is named once. */
export async function saveVerdicts(tx: Tx, judged: readonly Judged[]): Promise<void> {
  if (judged.length === 0) return
  const rows = judged.map(({ device, owner, judgement, judgedAt }) => {
    const { recheckAt, ...document } = judgement
    return {
      device,
      owner,
      state: judgement.state,
      document: JSON.stringify(document),
      judgedAt,
      recheckAt: recheckAt ?? null,
    }
  })
  await tables(tx)
    .insertInto('compliance_verdict')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('device').doUpdateSet((row) => ({
        state: row.ref('excluded.state'),
        document: row.ref('excluded.document'),
        judgedAt: row.ref('excluded.judgedAt'),
        recheckAt: row.ref('excluded.recheckAt'),
      })),
    )
    .execute()
}

/** Forgets the verdicts on these devices. */
export async function deleteVerdicts(tx: Tx, devices: readonly DeviceId[]): Promise<void> {
  if (devices.length === 0) return
  await tables(tx)
    .deleteFrom('compliance_verdict')
    .where('device', 'in', [...devices])
    .execute()
}

/** The policies in force with their ids, in the order in which they were deployed. */
export async function readKept(db: Database): Promise<readonly KeptPolicy[]> {
  const rows = await tables(db)
    .selectFrom('compliance_policy')
    .select(['id', 'document', 'createdAt', 'modifiedAt', 'version'])
    .orderBy('position')
    .execute()
  return rows.map(({ id, document, ...rest }) => ({
    id: id as PolicyId, // written from one
    policy: JSON.parse(document) as CompliancePolicy, // checked before it was written
    ...rest,
  }))
}

/** The policies in force, in the order in which they were deployed. */
export async function readPolicies(db: Database): Promise<readonly CompliancePolicy[]> {
  return (await readKept(db)).map(({ policy }) => policy)
}

/** Writes these policies in the place of all others. */
export async function replacePolicies(tx: Tx, kept: readonly KeptPolicy[]): Promise<void> {
  await tables(tx).deleteFrom('compliance_policy').execute()
  for (const [position, { policy, ...rest }] of kept.entries()) {
    const row = { ...rest, name: policy.name, position, document: JSON.stringify(policy) }
    await tables(tx).insertInto('compliance_policy').values(row).execute()
  }
}

/** The policies in force as texts of JSON, in the order in which they were deployed. */
export async function readPolicyTexts(db: Database): Promise<readonly string[]> {
  const rows = await tables(db)
    .selectFrom('compliance_policy')
    .select('document')
    .orderBy('position')
    .execute()
  return rows.map(({ document }) => document)
}

/** What the site decides for all devices, as far as it was ever decided. */
export async function readSite(db: Database): Promise<Partial<SiteCompliance>> {
  const kept = await tables(db).selectFrom('compliance_site').select('document').executeTakeFirst()
  return kept ? (JSON.parse(kept.document) as Partial<SiteCompliance>) : {} // written by saveSite only
}

/** Writes what the site decides over what it decided before. */
export async function saveSite(tx: Tx, site: SiteCompliance): Promise<void> {
  const document = JSON.stringify(site)
  await tables(tx)
    .insertInto('compliance_site')
    .values({ id: 'site', document })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ document }))
    .execute()
}
