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
  /** Messages that clients sent to the upstream, by the id that the client gave them. */
  gateway_sent: {
    partnership: string
    client_id: string
    /** 1: the upstream said that it took the message. 0: it was not heard. */
    taken: number
    at: number
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
  {
    id: '0011-gateway-sent',
    async up(db, profile) {
      await db.schema
        .createTable('gateway_sent')
        .addColumn('partnership', 'text', (column) => column.notNull())
        .addColumn('client_id', 'text', (column) => column.notNull())
        .addColumn('taken', 'integer', (column) => column.notNull())
        .addColumn('at', profile.instant, (column) => column.notNull())
        .addPrimaryKeyConstraint('gateway_sent_key', ['partnership', 'client_id'])
        .execute()
    },
  },
]
