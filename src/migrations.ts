import { accessMigrations } from './access/migrations.ts'
import { collectionMigrations } from './collections/migrations.ts'
import { actionsMigrations } from './actions/migrations.ts'
import { complianceMigrations } from './compliance/migrations.ts'
import { devicesMigrations } from './devices/migrations.ts'
import { directoryMigrations } from './directory/migrations.ts'
import { enrollmentMigrations } from './enrollment/migrations.ts'
import { historyMigrations } from './history/migrations.ts'
import { gatewayMigrations } from './gateway/migrations.ts'
import { identityMigrations } from './identity/migrations.ts'
import { mailboxMigrations } from './mailbox/migrations.ts'
import { profilesMigrations } from './profiles/migrations.ts'
import { noticesMigrations } from './notices/migrations.ts'
import { rolloutMigrations } from './rollout/migrations.ts'
import { signalsMigrations } from './signals/migrations.ts'
import type { Migration } from './store/store.ts'

/** Every migration of every room; the store brings its own and runs them by their numbers. */
export const migrations: readonly Migration[] = [
  ...historyMigrations,
  ...directoryMigrations,
  ...devicesMigrations,
  ...collectionMigrations,
  ...profilesMigrations,
  ...complianceMigrations,
  ...accessMigrations,
  ...actionsMigrations,
  ...identityMigrations,
  ...enrollmentMigrations,
  ...rolloutMigrations,
  ...signalsMigrations,
  ...noticesMigrations,
  ...mailboxMigrations,
  ...gatewayMigrations,
]
