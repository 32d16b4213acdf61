import type { Migration } from '../store/store.ts'

/** What the gateway keeps of one client: its policy keys (MS-ASPROV) and which upstream folder is its Inbox. */
export type GatewayTables = {
  gateway_clients: {
    partnership: string
    /** Key of the policy that the client acknowledged; 0: none. */
    policy_key: number
    /** Digest of what was sent with it. */
    policy_digest: string
    /** Temporary key of a handshake that was begun; 0: none. */
    pending_key: number
    pending_digest: string
    /** ServerId of the Inbox at the upstream; '' while unknown. */
    inbox: string
  }
}

/** Migrations of the gateway. */
export const gatewayMigrations: readonly Migration[] = [
  {
    id: '0010-gateway',
    async up(db, profile) {
      await db.schema
        .createTable('gateway_clients')
        .addColumn('partnership', 'text', (column) => column.primaryKey())
        .addColumn('policy_key', profile.instant, (column) => column.notNull())
        .addColumn('policy_digest', 'text', (column) => column.notNull())
        .addColumn('pending_key', profile.instant, (column) => column.notNull())
        .addColumn('pending_digest', 'text', (column) => column.notNull())
        .addColumn('inbox', 'text', (column) => column.notNull())
        .execute()
    },
  },
]
