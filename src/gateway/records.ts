import type { Instant } from '../base/clock.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Database, Tx } from '../store/store.ts'
import type { GatewayTables } from './migrations.ts'

/** What the gateway remembers of one client. */
export interface ClientState {
  /** Acknowledged policy key, 0 for none. */
  readonly policyKey: number
  readonly policyDigest: string
  /** Temporary key of a handshake under way, 0 for none. */
  readonly pendingKey: number
  readonly pendingDigest: string
  /** ServerId of the Inbox at the upstream, '' while unknown. */
  readonly inbox: string
}

/** The state of a client never heard of. */
export const unknownClient: ClientState = {
  policyKey: 0,
  policyDigest: '',
  pendingKey: 0,
  pendingDigest: '',
  inbox: '',
}

/** Reads one client's state. */
export async function findClient(db: Database, partnership: PartnershipId): Promise<ClientState> {
  const row = await db
    .withTables<GatewayTables>()
    .selectFrom('gateway_clients')
    .selectAll()
    .where('partnership', '=', partnership)
    .executeTakeFirst()
  if (!row) return unknownClient
  return {
    policyKey: row.policy_key,
    policyDigest: row.policy_digest,
    pendingKey: row.pending_key,
    pendingDigest: row.pending_digest,
    inbox: row.inbox,
  }
}

/** Writes one client's state. */
export async function saveClient(
  tx: Tx,
  partnership: PartnershipId,
  state: ClientState,
): Promise<void> {
  const row = {
    policy_key: state.policyKey,
    policy_digest: state.policyDigest,
    pending_key: state.pendingKey,
    pending_digest: state.pendingDigest,
    inbox: state.inbox,
  }
  await tx
    .withTables<GatewayTables>()
    .insertInto('gateway_clients')
    .values({ partnership, ...row })
    .onConflict((conflict) => conflict.column('partnership').doUpdateSet(row))
    .execute()
}

/** Forgets one client. */
export async function removeClient(db: Database, partnership: string): Promise<void> {
  for (const table of ['gateway_clients', 'gateway_sent'] as const)
    await db
      .withTables<GatewayTables>()
      .deleteFrom(table)
      .where('partnership', '=', partnership)
      .execute()
}

/** What became of an earlier message with this ClientId; `undefined`: there was none. */
export async function findSent(
  db: Database,
  partnership: PartnershipId,
  clientId: string,
): Promise<'begun' | 'taken' | undefined> {
  const row = await db
    .withTables<GatewayTables>()
    .selectFrom('gateway_sent')
    .select('taken')
    .where('partnership', '=', partnership)
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  return row && (row.taken === 1 ? 'taken' : 'begun')
}

/** Notes a ClientId, and forgets the client's that are older than `forgetBefore`. */
export async function saveSent(
  tx: Tx,
  sent: { partnership: PartnershipId; clientId: string; taken: boolean; at: Instant },
  forgetBefore: Instant,
): Promise<void> {
  const { partnership, clientId, at } = sent
  const fields = { taken: sent.taken ? 1 : 0, at }
  const tables = tx.withTables<GatewayTables>()
  await tables
    .insertInto('gateway_sent')
    .values({ partnership, client_id: clientId, ...fields })
    .onConflict((conflict) => conflict.columns(['partnership', 'client_id']).doUpdateSet(fields))
    .execute()
  await tables
    .deleteFrom('gateway_sent')
    .where('partnership', '=', partnership)
    .where('at', '<', forgetBefore)
    .execute()
}
