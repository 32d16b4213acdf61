import type { Instant } from '../base/clock.ts'
import type { UserId } from '../directory/directory.ts'
import type { Database, Tx } from '../store/store.ts'
import type { RolloutTables } from './migrations.ts'
import type { Member } from './plan.ts'
import type { Rollout, RolloutId } from './kept.ts'

const tables = (db: Database) => db.withTables<RolloutTables>()

/** A wave that was made. */
export interface Wave {
  readonly number: number
  readonly at: Instant
  /** Who began it; for one that came by itself, who began the rollout. */
  readonly actor: string
}

/** All of them, the newest first. */
export async function readRollouts(db: Database): Promise<readonly Rollout[]> {
  const rows = await tables(db)
    .selectFrom('rollout')
    .select('document')
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows.map(({ document }) => JSON.parse(document) as Rollout) // written from one
}

export async function readRollout(db: Database, id: RolloutId): Promise<Rollout | undefined> {
  const row = await tables(db)
    .selectFrom('rollout')
    .select('document')
    .where('id', '=', id)
    .executeTakeFirst()
  return row && (JSON.parse(row.document) as Rollout) // written from one
}

export async function saveRollout(tx: Tx, rollout: Rollout): Promise<void> {
  const { id, createdAt } = rollout
  const document = JSON.stringify(rollout)
  await tables(tx)
    .insertInto('rollout')
    .values({ id, document, createdAt })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ document }))
    .execute()
}

/** Waves of a rollout, the first first. */
export async function readWaves(db: Database, rollout: RolloutId): Promise<readonly Wave[]> {
  return await tables(db)
    .selectFrom('rollout_wave')
    .select(['number', 'at', 'actor'])
    .where('rollout', '=', rollout)
    .orderBy('number')
    .execute()
}

/** Writes a wave with its members, whose first it must be. */
export async function insertWave(
  tx: Tx,
  rollout: RolloutId,
  wave: Wave,
  members: readonly Pick<Member, 'user' | 'passed'>[],
): Promise<void> {
  await tables(tx)
    .insertInto('rollout_wave')
    .values({ rollout, ...wave })
    .execute()
  for (let at = 0; at < members.length; at += 500) {
    const rows = members.slice(at, at + 500).map(({ user, passed }) => ({
      rollout,
      user,
      wave: wave.number,
      movedAt: wave.at,
      passed: passed ? 1 : 0,
      refusedAt: null,
      accepted: 0,
    }))
    await tables(tx).insertInto('rollout_member').values(rows).execute()
  }
}

/** Forgets a wave and its members. */
export async function deleteWave(tx: Tx, rollout: RolloutId, number: number): Promise<void> {
  await tables(tx)
    .deleteFrom('rollout_wave')
    .where('rollout', '=', rollout)
    .where('number', '=', number)
    .execute()
  await tables(tx)
    .deleteFrom('rollout_member')
    .where('rollout', '=', rollout)
    .where('wave', '=', number)
    .execute()
}

export async function readMembers(db: Database, rollout: RolloutId): Promise<readonly Member[]> {
  const rows = await tables(db)
    .selectFrom('rollout_member')
    .selectAll()
    .where('rollout', '=', rollout)
    .orderBy('wave')
    .orderBy('user')
    .execute()
  return rows.map(({ user, wave, movedAt, passed, refusedAt, accepted }) => ({
    user: user as UserId, // written from one
    wave,
    movedAt,
    passed: passed === 1,
    ...(refusedAt !== null && { refusedAt }),
    accepted: accepted === 1,
  }))
}

/** Rollouts that moved this user and have not seen them refused yet. */
export async function readUnrefused(db: Database, user: UserId): Promise<readonly RolloutId[]> {
  const rows = await tables(db)
    .selectFrom('rollout_member')
    .select('rollout')
    .where('user', '=', user)
    .where('refusedAt', 'is', null)
    .execute()
  return rows.map(({ rollout }) => rollout as RolloutId) // written from one
}

/** Notes that the user was refused, where they are observed still; false where they are not. */
export async function noteRefused(
  tx: Tx,
  { rollout, user, at, since }: { rollout: RolloutId; user: UserId; at: Instant; since: Instant },
): Promise<boolean> {
  const row = await tables(tx)
    .updateTable('rollout_member')
    .set({ refusedAt: at })
    .where('rollout', '=', rollout)
    .where('user', '=', user)
    .where('refusedAt', 'is', null)
    .where('movedAt', '>=', since)
    .returning('user')
    .executeTakeFirst()
  return row !== undefined
}

/** All refusals so far are seen. */
export async function acceptRefusals(tx: Tx, rollout: RolloutId): Promise<void> {
  await tables(tx)
    .updateTable('rollout_member')
    .set({ accepted: 1 })
    .where('rollout', '=', rollout)
    .where('refusedAt', 'is not', null)
    .execute()
}
