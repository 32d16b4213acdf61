import type { Migration } from '../store/store.ts'

/** Tables of compliance. */
export type ComplianceTables = {
  compliance_policy: PolicyTable
  compliance_verdict: VerdictTable
  compliance_site: SiteTable
}

interface PolicyTable {
  name: string
  /** Place in the set as it was deployed; says nothing about precedence. */
  position: number
  /** JSON of a `CompliancePolicy`. */
  document: string
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
]
