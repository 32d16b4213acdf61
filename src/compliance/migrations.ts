import { newId } from '../base/id.ts'
import type { Migration } from '../store/store.ts'

/** Tables of compliance. */
export type ComplianceTables = {
  compliance_policy: PolicyTable
  compliance_verdict: VerdictTable
  compliance_site: SiteTable
}

interface PolicyTable {
  id: string
  name: string
  /** Place in the set as it was deployed; says nothing about precedence. */
  position: number
  /** JSON of a `CompliancePolicy`. */
  document: string
  createdAt: number
  modifiedAt: number
  version: number
}

interface VerdictTable {
  device: string
  /** Of the device; it never changes. */
  owner: string
  state: string
  /** JSON of a `Judgement`. */
  document: string
  judgedAt: number
  /** When an alarm is set; it may ring earlier than the verdict needs, never later. */
  recheckAt: number | null
}

/** One row: what the site decides for all devices, as it was when they were last judged by it. */
interface SiteTable {
  id: string
  document: string
}

/** Made once, in this order, never changed once released. */
export const complianceMigrations: readonly Migration[] = [
  {
    id: '0004-compliance',
    async up(db, profile) {
      await db.schema
        .createTable('compliance_policy')
        .addColumn('name', 'text', (c) => c.primaryKey().notNull())
        .addColumn('position', 'integer', (c) => c.notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('compliance_verdict')
        .addColumn('device', 'text', (c) => c.primaryKey().notNull())
        .addColumn('owner', 'text', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .addColumn('judgedAt', profile.instant, (c) => c.notNull())
        .addColumn('recheckAt', profile.instant)
        .execute()
      await db.schema
        .createIndex('compliance_verdict_owner')
        .on('compliance_verdict')
        .columns(['owner', 'device'])
        .execute()
      await db.schema
        .createTable('compliance_site')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .execute()
    },
  },
  {
    id: '0012-compliance-policy-ids',
    async up(db, profile) {
      await db.schema
        .alterTable('compliance_policy')
        .addColumn('id', 'text', (c) => c.notNull().defaultTo(''))
        .execute()
      for (const column of ['createdAt', 'modifiedAt'])
        await db.schema
          .alterTable('compliance_policy')
          .addColumn(column, profile.instant, (c) => c.notNull().defaultTo(0))
          .execute()
      await db.schema
        .alterTable('compliance_policy')
        .addColumn('version', 'integer', (c) => c.notNull().defaultTo(1))
        .execute()
      const table = db.withTables<Pick<ComplianceTables, 'compliance_policy'>>()
      for (const { name } of await table.selectFrom('compliance_policy').select('name').execute())
        await table
          .updateTable('compliance_policy')
          .set({ id: newId('cpl', 0) })
          .where('name', '=', name)
          .execute()
    },
  },
]
