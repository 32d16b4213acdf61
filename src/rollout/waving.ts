import { Lockout } from '../access/lockout.ts'
import { Failure } from '../base/failures.ts'
import type { Everybody } from '../directory/directory.ts'
import type { Tx } from '../store/store.ts'
import { daysOf } from './calendar.ts'
import { keep, waveAlarm } from './keeping.ts'
import { composePause, composeRefusals } from './letter.ts'
import { lookAhead, momentAfter, type Outlook } from './outlook.ts'
import { isTooMany } from './plan.ts'
import { insertWave, readRollout } from './records.ts'
import type { Pause, Rollout, RolloutId } from './kept.ts'
import type { RolloutsGiven } from './rollout.ts'

/** Makes waves. */
export interface Waving {
  /** One now, at a person's word. Throws a `Lockout` that `confirm` does not name, and `rollout.settled`. */
  now(rollout: Rollout, actor: string, confirm: string | undefined): Promise<void>
}

/** What becomes of a rollout at the hour of its wave. */
type Course =
  | { readonly what: 'wave' | 'done' | 'postponed' }
  | { readonly what: 'pause'; readonly pause: Pause }

/** How often a rollout may be changed by others while its wave is tried. */
const rounds = 5

/** Makes the waves of this node: each when its alarm rings. */
export function createWaving(
  given: RolloutsGiven & {
    /** Resolves when all refusals so far are noted. */
    caughtUp(): Promise<void>
  },
): Waving {
  const { store, log, caughtUp } = given

  store.alarms.on(waveAlarm, async (subject, at) => {
    const id = subject as RolloutId // set for rollouts only
    for (let round = 0; round < rounds; round++) {
      await caughtUp()
      const rollout = await readRollout(store.db, id)
      // Somebody has paused it, or this very wave was made.
      if (rollout?.state !== 'running' || rollout.nextAt !== at) return
      const outlook = await lookAhead(given, rollout, rollout.actor)
      const course = courseOf(given, rollout, outlook)
      if (await take(given, rollout, { outlook, course, actor: rollout.actor })) {
        log.info('rollout.taken', { id, what: course.what })
        return
      }
    }
    throw new Failure('rollout.settled', `others changed rollout ${id} again and again meanwhile`)
  })

  return {
    async now(rollout, actor, confirm) {
      await caughtUp()
      const outlook = await lookAhead(given, rollout, actor)
      const { consequence, next } = outlook
      if (consequence.confirm !== undefined && consequence.confirm !== confirm)
        throw new Lockout(consequence)
      const course: Course = { what: next.length > 0 ? 'wave' : 'done' }
      if (!(await take(given, rollout, { outlook, course, actor })))
        throw new Failure('rollout.settled', 'the rollout was changed by another just now')
    },
  }
}

/** By the clock no wave is made that would lock people out, none while too many are refused, and none on a closed day. */
function courseOf({ clock }: RolloutsGiven, rollout: Rollout, outlook: Outlook): Course {
  const { calendar, mostPercent, confirmed } = rollout
  const { next, consequence, watch } = outlook
  if (next.length === 0) return { what: 'done' }
  const days = daysOf(calendar)
  const today = days.dayOf(clock.now())
  if (days.open(today) !== today) return { what: 'postponed' }
  if (isTooMany(watch, mostPercent)) return { what: 'pause', pause: { code: 'refusals', ...watch } }
  const { confirm } = consequence
  if (confirm !== undefined && confirm !== confirmed) {
    const detail = new Lockout(consequence).detail
    return { what: 'pause', pause: { code: 'lockout', detail, confirm } }
  }
  return { what: 'wave' }
}

/** Writes what becomes of it, all or nothing; false where the rollout is another by now. */
async function take(
  given: RolloutsGiven,
  rollout: Rollout,
  { outlook, course, actor }: { outlook: Outlook; course: Course; actor: string },
): Promise<boolean> {
  const { store, directory, clock, access } = given
  const { id, target, revision } = rollout
  const { groups } = outlook.everybody
  const recipients = (await access.policies()).organization.adminMailRecipients
  return await store.transact(async (tx) => {
    if ((await readRollout(tx, id))?.revision !== revision) return false
    const now = clock.now()
    const { what } = course
    if (what === 'pause') {
      await pauseFor(given, tx, { rollout, pause: course.pause, recipients, groups })
      return true
    }
    const { nextAt: _, confirmed: __, ...rest } = rollout
    if (what === 'done') {
      await keep(given, tx, { rollout: { ...rest, state: 'done' }, news: { actor, what }, groups })
      return true
    }
    if (what === 'postponed') {
      const nextAt = momentAfter(rollout, now, outlook.lastAt)
      await keep(given, tx, { rollout: { ...rollout, nextAt }, news: { actor, what }, groups })
      return true
    }
    const { next, candidates, consequence, waves } = outlook
    const users = next.map(({ user }) => user)
    const wave = { number: waves + 1, at: now, actor }
    const { usersBefore } = consequence.replay
    const members = users.map((user) => ({ user, passed: usersBefore.has(user) }))
    await insertWave(tx, id, wave, members)
    await directory.changeMembers(target, { add: users }, { actor, within: tx })
    const left = candidates.length - users.length
    const after: Rollout =
      left > 0
        ? { ...rest, state: 'running', nextAt: momentAfter(rollout, now, now) }
        : { ...rest, state: 'done' }
    const news = { actor, what, wave: wave.number, users: users.length }
    await keep(given, tx, { rollout: after, news, groups })
    return true
  })
}

/** Pauses a rollout of its own accord, and tells the administrators why; one that is done stays so, and is told of once. */
export async function pauseFor(
  given: Pick<RolloutsGiven, 'store' | 'history' | 'post'>,
  tx: Tx,
  {
    rollout,
    pause,
    recipients,
    groups,
  }: { rollout: Rollout; pause: Pause; recipients: readonly string[]; groups: Everybody['groups'] },
): Promise<void> {
  const { nextAt: _, confirmed: __, ...rest } = rollout
  const isOver = rollout.state === 'done'
  const after = { ...rest, state: isOver ? 'done' : 'paused', pause } as const
  const news = { actor: 'rollout', what: isOver ? 'refused' : 'paused', code: pause.code } as const
  await keep(given, tx, { rollout: after, news, groups })
  const target = groups.find(({ id }) => id === rollout.target)?.name ?? rollout.target
  const letter = isOver ? composeRefusals(target, pause) : composePause(target, pause)
  for (const to of recipients) await given.post(tx, { ...letter, to, about: rollout.id })
}
