import type { Migration } from '../store/store.ts'

/** Tables of enrollment. */
export type EnrollmentTables = {
  sealed_key: { name: string; sealed: string }
  device_certificate: CertificateRow
  /** When the last taken report of a device was signed, by its own word; never goes back. */
  device_report: { device: string; signedAt: number }
}

interface CertificateRow {
  /** Lower-case hex. Only a recorded one is worth anything: a stolen CA key alone makes no device. */
  serial: string
  device: string
  issuedAt: number
  notAfter: number
  revokedAt: number | null
}

export const enrollmentMigrations: readonly Migration[] = [
  {
    id: '0007-enrollment',
    async up(db, profile) {
      await db.schema
        .createTable('sealed_key')
        .addColumn('name', 'text', (c) => c.primaryKey().notNull())
        .addColumn('sealed', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('device_certificate')
        .addColumn('serial', 'text', (c) => c.primaryKey().notNull())
        .addColumn('device', 'text', (c) => c.notNull())
        .addColumn('issuedAt', profile.instant, (c) => c.notNull())
        .addColumn('notAfter', profile.instant, (c) => c.notNull())
        .addColumn('revokedAt', profile.instant)
        .execute()
      await db.schema
        .createIndex('device_certificate_device')
        .on('device_certificate')
        .column('device')
        .execute()
      await db.schema
        .createTable('device_report')
        .addColumn('device', 'text', (c) => c.primaryKey().notNull())
        .addColumn('signedAt', profile.instant, (c) => c.notNull())
        .execute()
    },
  },
]
