import type { Consequence } from '../access/lockout.ts'
import {
  type Everybody,
  type GroupId,
  transitiveGroups,
  type UserId,
} from '../directory/directory.ts'
import type { Instant } from '../base/clock.ts'
import { daysOf } from './calendar.ts'
import {
  type Candidate,
  foresee,
  type Foreseen,
  inOrder,
  nextWave,
  type Watch,
  watchOf,
} from './plan.ts'
import { readMembers, readWaves } from './records.ts'
import type { Rollout } from './kept.ts'
import type { RolloutsGiven } from './rollout.ts'

/** What is to come of a rollout, as things are now. */
export interface Outlook {
  /** Everybody who is not moved yet, in their order. */
  readonly candidates: readonly Candidate[]
  /** Those of the next wave. */
  readonly next: readonly Candidate[]
  /** What the next wave would do. */
  readonly consequence: Consequence
  /** What moving all of them would do: who would be refused, and why. */
  readonly all: Consequence
  /** The waves to come; when, as if it ran. */
  readonly foreseen: readonly Foreseen[]
  readonly watch: Watch
  /** How many waves were made, and the last of them. */
  readonly waves: number
  readonly lastAt: Instant | undefined
  readonly everybody: Everybody
}

/** Tries on every known client what the waves to come would do. */
export async function lookAhead(
  {
    store,
    directory,
    access,
    clock,
  }: Pick<RolloutsGiven, 'store' | 'directory' | 'access' | 'clock'>,
  rollout: Rollout,
  actor: string,
): Promise<Outlook> {
  const { id, target, calendar, observeMs, sizes } = rollout
  const [waves, members] = [await readWaves(store.db, id), await readMembers(store.db, id)]
  const everybody = await directory.everybody()
  const left = leftOf(everybody, rollout, new Set(members.map(({ user }) => user)))
  const joining = (users: Iterable<UserId>) =>
    access.replayJoining({ group: target, users: new Set(users) }, actor)
  const all = await joining(left.map(({ id: user }) => user))
  const refused = new Set(all.replay.newlyBlocked.map(({ user }) => user))
  const candidates = inOrder(
    left.map(({ id: user, name }) => ({ user, name, refused: refused.has(user) })),
  )
  const progress = { sizes, waves: waves.length, moved: members.length }
  const next = nextWave(progress, candidates)
  const now = clock.now()
  const lastAt = waves.at(-1)?.at
  return {
    candidates,
    next,
    consequence: next.length === left.length ? all : await joining(next.map(({ user }) => user)),
    all,
    foreseen: foresee(progress, candidates, {
      calendar,
      from: rollout.nextAt ?? momentAfter(rollout, now, lastAt),
    }),
    watch: watchOf(members, now, observeMs),
    waves: waves.length,
    lastAt,
    everybody,
  }
}

/** The next hour of its calendar, on another day than the last wave. */
export function momentAfter(
  { calendar }: Rollout,
  now: Instant,
  lastAt: Instant | undefined,
): Instant {
  const days = daysOf(calendar)
  return days.nextMoment(now, lastAt === undefined ? undefined : days.dayOf(lastAt))
}

/** Those of the pool who are not in the target yet, near or far, and whom no wave has moved. */
function leftOf(
  everybody: Everybody,
  { target, pool }: Rollout,
  moved: ReadonlySet<UserId>,
): Everybody['users'] {
  const groups = transitiveGroups(everybody)
  const isIn = (user: UserId, group: GroupId) => groups.get(user)?.has(group) ?? false
  return everybody.users.filter(
    ({ id }) => (pool === 'all' || isIn(id, pool)) && !isIn(id, target) && !moved.has(id),
  )
}
