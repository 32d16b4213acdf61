import type { Instant } from '../base/clock.ts'
import type { Store } from '../store/store.ts'
import type { EnrollmentTables } from './migrations.ts'

/** All the SQL of enrollment. */
export function createRecords(store: Pick<Store, 'db' | 'transact'>) {
  const db = store.db.withTables<EnrollmentTables>()
  return {
    async readKey(name: string): Promise<string | undefined> {
      const row = await db
        .selectFrom('sealed_key')
        .select('sealed')
        .where('name', '=', name)
        .executeTakeFirst()
      return row?.sealed
    },
    async writeKey(name: string, sealed: string, once: boolean): Promise<void> {
      await db
        .insertInto('sealed_key')
        .values({ name, sealed })
        .onConflict((c) =>
          once ? c.column('name').doNothing() : c.column('name').doUpdateSet({ sealed }),
        )
        .execute()
    },

    async addCertificate(row: {
      serial: string
      device: string
      issuedAt: Instant
      notAfter: Instant
    }): Promise<void> {
      await db
        .insertInto('device_certificate')
        .values({ ...row, revokedAt: null })
        .execute()
    },
    certificate: (serial: string) =>
      db
        .selectFrom('device_certificate')
        .selectAll()
        .where('serial', '=', serial)
        .executeTakeFirst(),

    /**
     * Takes the device's report if it is strictly newer than the last one taken, in one statement, so that of two
     * copies that arrive at once one is refused. Its certificate having been used, older ones of the device end.
     */
    takeReport: (device: string, signedAt: Instant, issuedAt: Instant, now: Instant) =>
      store.transact(async (tx) => {
        const tables = tx.withTables<EnrollmentTables>()
        const taken = await tables
          .insertInto('device_report')
          .values({ device, signedAt })
          .onConflict((c) =>
            c
              .column('device')
              .doUpdateSet({ signedAt })
              .where('device_report.signedAt', '<', signedAt),
          )
          .returning('device')
          .executeTakeFirst()
        if (!taken) return false
        await tables
          .updateTable('device_certificate')
          .set({ revokedAt: now })
          .where('device', '=', device)
          .where('issuedAt', '<', issuedAt)
          .where('revokedAt', 'is', null)
          .execute()
        return true
      }),
  }
}

/** What `createRecords` makes. */
export type EnrollmentRecords = ReturnType<typeof createRecords>
