import { Lockout } from '../access/lockout.ts'
import { Failure } from '../base/failures.ts'
import type { Tx } from '../store/store.ts'
import { keep } from './keeping.ts'
import { lookAhead, momentAfter } from './outlook.ts'
import { acceptRefusals, deleteWave, readMembers, readRollout, readWaves } from './records.ts'
import type { Rollout, RolloutId } from './kept.ts'
import type { RolloutsGiven } from './rollout.ts'
import type { Waving } from './waving.ts'

/** What a person does to a rollout. */
export type Act = 'pause' | 'resume' | 'next' | 'back' | 'stop'

interface Word {
  readonly act: Act
  readonly actor: string
  readonly confirm: string | undefined
}

/** In which states each word is heard. */
const heardIn: Readonly<Record<Act, readonly Rollout['state'][]>> = {
  pause: ['running'],
  resume: ['paused'],
  next: ['running'],
  back: ['running', 'paused', 'done', 'stopped'],
  stop: ['running', 'paused'],
}

/** Carries out the words of people. */
export function createActing(
  given: RolloutsGiven,
  waving: Waving,
): (id: RolloutId, word: Word) => Promise<void> {
  const { store, clock, directory } = given

  /** Changes what is kept of it, in the state in which that may be. */
  const change = async (
    id: RolloutId,
    { act, actor }: Word,
    after: (tx: Tx, rollout: Rollout) => Promise<Rollout>,
  ) => {
    const { groups } = await directory.everybody()
    await store.transact(async (tx) => {
      const rollout = await after(tx, heard(await readRollout(tx, id), act, id))
      await keep(given, tx, { rollout, news: { actor, what: past[act] }, groups })
    })
  }

  return async (id, word) => {
    const { act, actor, confirm } = word
    const rollout = heard(await readRollout(store.db, id), act, id)
    switch (act) {
      case 'pause':
        return await change(id, word, async (_tx, one) => ({
          ...still(one),
          state: 'paused',
          pause: { code: 'person', actor },
        }))
      case 'stop':
        return await change(id, word, async (_tx, one) => ({ ...still(one), state: 'stopped' }))
      case 'next':
        return await waving.now(rollout, actor, confirm)
      case 'back':
        return await takeBack(given, id, actor)
      case 'resume': {
        const { consequence, lastAt } = await lookAhead(given, rollout, actor)
        if (consequence.confirm !== undefined && consequence.confirm !== confirm)
          throw new Lockout(consequence)
        return await change(id, word, async (tx, one) => {
          await acceptRefusals(tx, id)
          return {
            ...still(one),
            state: 'running',
            nextAt: momentAfter(one, clock.now(), lastAt),
            ...(confirm !== undefined && { confirmed: confirm }),
          }
        })
      }
    }
  }
}

const past = {
  pause: 'paused',
  resume: 'resumed',
  next: 'wave',
  back: 'back',
  stop: 'stopped',
} as const

function heard(rollout: Rollout | undefined, act: Act, id: RolloutId): Rollout {
  if (!rollout) throw new Failure('not.found', `no rollout ${id}`)
  if (!heardIn[act].includes(rollout.state))
    throw new Failure('rollout.settled', `the rollout is ${rollout.state}: ${act} is not for it`)
  return rollout
}

/** It without what only holds while it runs or is paused. */
function still({
  nextAt: _next,
  pause: _pause,
  confirmed: _confirmed,
  ...rest
}: Rollout): Omit<Rollout, 'state'> {
  return rest
}

/** Takes those whom the last wave moved out of the target; what is left waits for a person. */
async function takeBack(
  given: Pick<RolloutsGiven, 'store' | 'directory' | 'history'>,
  id: RolloutId,
  actor: string,
): Promise<void> {
  const { store, directory } = given
  const { groups } = await directory.everybody()
  await store.transact(async (tx) => {
    const rollout = heard(await readRollout(tx, id), 'back', id)
    const last = (await readWaves(tx, id)).at(-1)
    if (!last) throw new Failure('rollout.settled', 'no wave was made that could be taken back')
    const members = (await readMembers(tx, id)).filter(({ wave }) => wave === last.number)
    const users = members.map(({ user }) => user)
    await deleteWave(tx, id, last.number)
    await directory.changeMembers(rollout.target, { remove: users }, { actor, within: tx })
    const after: Rollout =
      rollout.state === 'stopped'
        ? rollout
        : { ...still(rollout), state: 'paused', pause: { code: 'back', actor } }
    const news = { actor, what: 'back', wave: last.number, users: users.length } as const
    await keep(given, tx, { rollout: after, news, groups })
  })
}
