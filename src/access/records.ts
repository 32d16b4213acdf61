import { sql } from 'kysely'
import type { Instant } from '../base/clock.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import type { Database, Tx } from '../store/store.ts'
import type { LogEntry, LogFilter, SavedDecision } from './access.ts'
import type { Decision, Outcome } from './decision.ts'
import type { AccessTables } from './migrations.ts'
import type { Autoblock, LoggedClient } from './request.ts'
import {
  type AccessPolicies,
  type CasMailbox,
  defaultAccessPolicies,
  type Unconfirmed,
} from './policy.ts'

const tables = (db: Database) => db.withTables<AccessTables>()

/** The parts of the policies that are kept whole; mailboxes have rows of their own. */
type Part = Exclude<keyof AccessPolicies, 'casMailboxes'>

/** A saved decision with what the client last said of the mailbox policy. */
export interface SavedState {
  readonly decision: SavedDecision
  readonly policyRefused: boolean
}

/** A new or changed decision on its way to the tables. */
export interface DecisionDraft {
  readonly partnership: PartnershipId
  readonly decision: Decision
  readonly policyRefused: boolean
  readonly decidedAt: Instant
  readonly was: Outcome | undefined
  readonly latencyMs: number
  readonly user: UserId
  readonly address: string | undefined
  readonly client: LoggedClient | undefined
}

/** What administrators have set, over the defaults. */
export async function readPolicies(db: Database): Promise<AccessPolicies> {
  const settings = await tables(db)
    .selectFrom('access_setting')
    .selectAll()
    .where('name', '!=', lockName)
    .execute()
  const mailboxes = await tables(db)
    .selectFrom('access_mailbox')
    .select('document')
    .orderBy('user')
    .execute()
  const set = settings.map(({ name, document }): [string, unknown] => [name, JSON.parse(document)])
  const saved = Object.fromEntries(set) as Partial<AccessPolicies> // checked before it was written
  return {
    ...defaultAccessPolicies,
    ...saved,
    // A release may have saved it that knew fewer of its properties.
    exchangeOnline: { ...defaultAccessPolicies.exchangeOnline, ...saved.exchangeOnline },
    casMailboxes: mailboxes.map(({ document }) => JSON.parse(document) as CasMailbox), // as above
  }
}

/** One change of settings at a time, on whatever node: later ones wait, and see what this one did. */
export async function lockSettings(tx: Tx): Promise<void> {
  const row = { name: lockName, document: 'null' }
  await tables(tx)
    .insertInto('access_setting')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ document: 'null' }))
    .execute()
}

const lockName = 'lock'

/** Writes one part of the policies. */
export async function saveSetting<P extends Part>(
  tx: Tx,
  name: P,
  value: AccessPolicies[P],
): Promise<void> {
  const document = JSON.stringify(value)
  await tables(tx)
    .insertInto('access_setting')
    .values({ name, document })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ document }))
    .execute()
}

/** What is set for one mailbox. */
export async function findMailbox(db: Database, user: UserId): Promise<CasMailbox | undefined> {
  const row = await tables(db)
    .selectFrom('access_mailbox')
    .select('document')
    .where('user', '=', user)
    .executeTakeFirst()
  return row && (JSON.parse(row.document) as CasMailbox) // checked before it was written
}

/** Writes what is set for one mailbox. */
export async function saveMailbox(tx: Tx, mailbox: CasMailbox): Promise<void> {
  const document = JSON.stringify(mailbox)
  await tables(tx)
    .insertInto('access_mailbox')
    .values({ user: mailbox.user, document })
    .onConflict((conflict) => conflict.column('user').doUpdateSet({ document }))
    .execute()
}

/** Nothing is set for any mailbox. */
export async function deleteMailboxes(tx: Tx): Promise<void> {
  await tables(tx).deleteFrom('access_mailbox').execute()
}

/** The saved decisions of these partnerships, or all. */
export async function readStates(
  db: Database,
  partnerships?: readonly PartnershipId[],
): Promise<readonly SavedState[]> {
  let query = tables(db).selectFrom('access_state').selectAll()
  if (partnerships) query = query.where('partnership', 'in', [...partnerships])
  const rows = await query.execute()
  return rows.map((row) => ({
    decision: {
      ...(JSON.parse(row.document) as Decision), // written by saveDecisions only
      partnership: row.partnership as PartnershipId, // written from one
      decidedAt: row.decidedAt,
      requests: row.requests,
    },
    policyRefused: row.policyRefused === 1,
  }))
}

/** Writes decisions over the ones before, and into the log. */
export async function saveDecisions(tx: Tx, drafts: readonly DecisionDraft[]): Promise<void> {
  const documents = drafts.map(({ decision }) => JSON.stringify(decision))
  await tables(tx)
    .insertInto('access_state')
    .values(
      drafts.map(({ partnership, decidedAt, policyRefused }, index) => ({
        partnership,
        document: documents[index] ?? '',
        decidedAt,
        policyRefused: policyRefused ? 1 : 0,
        requests: 0,
      })),
    )
    .onConflict((conflict) =>
      conflict.column('partnership').doUpdateSet((b) => ({
        document: b.ref('excluded.document'),
        decidedAt: b.ref('excluded.decidedAt'),
        policyRefused: b.ref('excluded.policyRefused'),
      })),
    )
    .execute()
  await tables(tx)
    .insertInto('access_log')
    .values(
      drafts.map((draft, index) => ({
        partnership: draft.partnership,
        was: draft.was ?? null,
        document: documents[index] ?? '',
        decidedAt: draft.decidedAt,
        latencyMs: draft.latencyMs,
        user: draft.user,
        outcome: draft.decision.outcome,
        address: draft.address ?? null,
        client: draft.client ? JSON.stringify(draft.client) : null,
      })),
    )
    .execute()
}

/** Forgets the decision on a partnership, and where it came from; the log stays. */
export async function deleteState(tx: Tx, partnership: PartnershipId): Promise<void> {
  await tables(tx).deleteFrom('access_state').where('partnership', '=', partnership).execute()
  await deleteAutoblock(tx, partnership)
  await tables(tx).deleteFrom('access_place').where('partnership', '=', partnership).execute()
}

/** Adds to the number of requests of each partnership. */
export async function addRequests(
  tx: Tx,
  counts: ReadonlyMap<PartnershipId, number>,
): Promise<void> {
  for (const [partnership, count] of counts) {
    await tables(tx)
      .updateTable('access_state')
      .set({ requests: sql`requests + ${count}` })
      .where('partnership', '=', partnership)
      .execute()
  }
}

/** The decision log, newest first. */
export async function readLog(
  db: Database,
  { partnership, user, outcome, since, before, limit }: LogFilter,
): Promise<readonly LogEntry[]> {
  let query = tables(db).selectFrom('access_log').selectAll().orderBy('seq', 'desc')
  if (partnership) query = query.where('partnership', '=', partnership)
  if (user) query = query.where('user', '=', user)
  if (outcome) query = query.where('outcome', '=', outcome)
  if (since !== undefined) query = query.where('decidedAt', '>=', since)
  if (before !== undefined) query = query.where('seq', '<', before)
  const rows = await query.limit(limit).execute()
  return rows.map((row) => ({
    ...(JSON.parse(row.document) as Decision), // written by saveDecisions only
    seq: row.seq,
    partnership: row.partnership as PartnershipId, // written from one
    decidedAt: row.decidedAt,
    was: (row.was ?? undefined) as Outcome | undefined, // written from one
    latencyMs: row.latencyMs,
    user: (row.user ?? undefined) as UserId | undefined, // written from one
    address: row.address ?? undefined,
    client: row.client === null ? undefined : (JSON.parse(row.client) as LoggedClient), // as above
  }))
}

/** Clients that ran wild, some of which may be free again by now; or what is kept of one. */
export async function readAutoblocks(
  db: Database,
  partnership?: PartnershipId,
): Promise<ReadonlyMap<PartnershipId, Autoblock>> {
  let query = tables(db).selectFrom('access_autoblock').selectAll()
  if (partnership !== undefined) query = query.where('partnership', '=', partnership)
  const rows = await query.execute()
  // Written by saveAutoblock only.
  return new Map(
    rows.map((row) => [row.partnership as PartnershipId, JSON.parse(row.document) as Autoblock]),
  )
}

/** Keeps a client out. */
export async function saveAutoblock(
  tx: Tx,
  partnership: PartnershipId,
  block: Autoblock,
): Promise<void> {
  const document = JSON.stringify(block)
  await tables(tx)
    .insertInto('access_autoblock')
    .values({ partnership, document })
    .onConflict((conflict) => conflict.column('partnership').doUpdateSet({ document }))
    .execute()
}

/** Lets a client in again; true where there was something to lift. */
export async function deleteAutoblock(tx: Tx, partnership: PartnershipId): Promise<boolean> {
  const gone = await tables(tx)
    .deleteFrom('access_autoblock')
    .where('partnership', '=', partnership)
    .returning('partnership')
    .execute()
  return gone.length > 0
}

/** The places from where each client came since then. */
export async function readPlaces(
  db: Database,
  since: Instant,
): Promise<ReadonlyMap<PartnershipId, readonly string[]>> {
  const rows = await tables(db)
    .selectFrom('access_place')
    .select(['partnership', 'address'])
    .where('lastAt', '>=', since)
    .execute()
  const places = new Map<PartnershipId, string[]>()
  for (const { partnership, address } of rows) {
    const id = partnership as PartnershipId // written from one
    const known = places.get(id)
    if (known) known.push(address)
    else places.set(id, [address])
  }
  return places
}

/** Notes when clients last came from where. */
export async function savePlaces(
  tx: Tx,
  seen: ReadonlyMap<PartnershipId, ReadonlyMap<string, Instant>>,
): Promise<void> {
  for (const [partnership, places] of seen)
    await tables(tx)
      .insertInto('access_place')
      .values([...places].map(([address, lastAt]) => ({ partnership, address, lastAt })))
      .onConflict((conflict) =>
        conflict
          .columns(['partnership', 'address'])
          .doUpdateSet((b) => ({ lastAt: b.ref('excluded.lastAt') })),
      )
      .execute()
}

/** Forgets places that are older, and of these clients all but the newest. */
export async function prunePlaces(
  tx: Tx,
  {
    partnerships,
    most,
    before,
  }: { partnerships: readonly PartnershipId[]; most: number; before: Instant },
): Promise<void> {
  await tables(tx).deleteFrom('access_place').where('lastAt', '<', before).execute()
  for (const partnership of partnerships) {
    const beyond = await tables(tx)
      .selectFrom('access_place')
      .select('address')
      .where('partnership', '=', partnership)
      .orderBy('lastAt', 'desc')
      .orderBy('address')
      .limit(1000)
      .offset(most)
      .execute()
    if (beyond.length > 0)
      await tables(tx)
        .deleteFrom('access_place')
        .where('partnership', '=', partnership)
        .where(
          'address',
          'in',
          beyond.map(({ address }) => address),
        )
        .execute()
  }
}

/** The one that is not confirmed yet. */
export async function readUnconfirmed(db: Database): Promise<Unconfirmed | undefined> {
  const row = await tables(db).selectFrom('access_unconfirmed').selectAll().executeTakeFirst()
  if (!row) return undefined
  const parts = (text: string) => JSON.parse(text) as Unconfirmed['before'] // written by saveUnconfirmed
  return { ...row, before: parts(row.before), after: parts(row.after) }
}

/** Notes a change that is not confirmed. */
export async function saveUnconfirmed(tx: Tx, change: Unconfirmed): Promise<void> {
  const before = JSON.stringify(change.before)
  const after = JSON.stringify(change.after)
  await tables(tx)
    .insertInto('access_unconfirmed')
    .values({ ...change, before, after })
    .execute()
}

/** It is confirmed, or undone. */
export async function deleteUnconfirmed(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('access_unconfirmed').where('id', '=', id).execute()
}
