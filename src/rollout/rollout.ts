import type { Access } from '../access/access.ts'
import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { newId } from '../base/id.ts'
import type { Log } from '../base/log.ts'
import type { Directory, UserId } from '../directory/directory.ts'
import type { HistoryWriter } from '../history/history.ts'
import type { Store, Tx } from '../store/store.ts'
import { type Act, createActing } from './acting.ts'
import { daysOf } from './calendar.ts'
import { checkDraft, refuse } from './draft.ts'
import { keep } from './keeping.ts'
import type { Rollout, RolloutDraft, RolloutId } from './kept.ts'
import type { Letter } from './letter.ts'
import { lookAhead, type Outlook } from './outlook.ts'
import type { Member } from './plan.ts'
import { readMembers, readRollout, readRollouts, readWaves, type Wave } from './records.ts'
import { noteRefusal } from './watching.ts'
import { createWaving } from './waving.ts'

/** A rollout with what it has done. */
export interface Told {
  readonly rollout: Rollout
  readonly waves: readonly Wave[]
  readonly members: readonly Member[]
}

/** What rollouts ask of the rooms around them. */
export interface RolloutsGiven {
  readonly store: Store
  readonly directory: Directory
  readonly access: Pick<Access, 'replayJoining' | 'policies'>
  readonly history: HistoryWriter
  readonly clock: Clock
  readonly log: Log
  /** Queues a mail in this transaction. */
  post(tx: Tx, letter: Letter & { readonly to: string; readonly about: string }): Promise<void>
}

/**
 * Groups that grow out of others by some users a day, whom policies then reach. Each wave is one transaction, made once
 * however often its alarm rings: on whichever node, after whatever stop. Missed ones are not made up for: one is made,
 * and the next is on another day. A rollout pauses by itself when too many of those whom it moved are refused, and
 * before a wave that would lock people out; of refusals after its last wave it tells once. Appends `rollout.changed` `RolloutNews`.
 */
export interface Rollouts {
  /** All of them, the newest first. */
  list(): Promise<readonly Told[]>
  /** By id, or by the name of its target: the newest. Throws `not.found`. */
  find(idOrTarget: string): Promise<Told>
  /** What is to come, as things are now; changes nothing. Throws `not.found`. */
  outlook(id: RolloutId): Promise<Outlook>
  /** The first wave is at the next hour of its calendar. Throws `rollout.invalid`, `rollout.settled`. */
  start(draft: RolloutDraft, actor: string): Promise<Told>
  /**
   * `next` makes a wave now, in the place of this day's; `back` takes the last one back and pauses. Throws `not.found`,
   * `rollout.settled`, and a `Lockout` where the wave would lock people out and `confirm` does not name that.
   */
  act(id: RolloutId, act: Act, actor: string, confirm?: string): Promise<Told>
  stop(): Promise<void>
}

/** Starts to follow and to move. */
export async function createRollouts(given: RolloutsGiven): Promise<Rollouts> {
  const { store, directory } = given
  const follower = await store.journal.follow({
    name: 'rollout',
    kinds: ['access.changed'],
    durable: true,
    async take({ body, at }) {
      // As access appends it.
      const { user, was, outcome } = body as { user: UserId; was?: string; outcome: string }
      if (was === 'allow' && outcome !== 'allow') await noteRefusal(given, user, at)
    },
  })
  const waving = createWaving({ ...given, caughtUp: () => follower.caughtUp() })
  const act = createActing(given, waving)

  async function told(rollout: Rollout | undefined, asked: string): Promise<Told> {
    if (!rollout) throw new Failure('not.found', `no rollout ${asked}`)
    const { id } = rollout
    return {
      rollout,
      waves: await readWaves(store.db, id),
      members: await readMembers(store.db, id),
    }
  }

  return {
    async list() {
      const rollouts = await readRollouts(store.db)
      return await Promise.all(rollouts.map((rollout) => told(rollout, rollout.id)))
    },
    async find(asked) {
      const { groups } = await directory.everybody()
      const target = groups.find(({ name }) => name.toLowerCase() === asked.toLowerCase())?.id
      const rollouts = await readRollouts(store.db)
      return await told(
        rollouts.find((one) => one.id === asked || one.target === target),
        asked,
      )
    },
    async outlook(id) {
      const { rollout } = await told(await readRollout(store.db, id), id)
      return await lookAhead(given, rollout, rollout.actor)
    },
    async start(draft, actor) {
      const id = await begin(given, draft, actor)
      return await told(await readRollout(store.db, id), id)
    },
    async act(id, word, actor, confirm) {
      await act(id, { act: word, actor, confirm })
      return await told(await readRollout(store.db, id), id)
    },
    stop: () => follower.stop(),
  }
}

/** Keeps a new rollout with its first alarm. */
async function begin(given: RolloutsGiven, draft: RolloutDraft, actor: string): Promise<RolloutId> {
  const { store, clock } = given
  checkDraft(draft)
  const now = clock.now()
  const nextAt = daysOf(draft.calendar).nextMoment(now)
  const id = newId('rol', now)
  const rollout: Rollout = { ...draft, id, actor, createdAt: now, state: 'running', revision: 0 }
  const { candidates, everybody } = await lookAhead(given, rollout, actor)
  if (candidates.length === 0)
    refuse('everybody of the pool is in the target already, or the pool is empty')
  await store.transact(async (tx) => {
    const others = (await readRollouts(tx)).filter(({ target }) => target === draft.target)
    if (others.some(({ state }) => state === 'running' || state === 'paused'))
      throw new Failure('rollout.settled', 'this group grows by another rollout: stop that first')
    await keep(given, tx, {
      rollout: { ...rollout, nextAt },
      news: { actor, what: 'started' },
      groups: everybody.groups,
    })
  })
  return id
}
