import type { Clock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Prepared } from '../compliance/prepared.ts'
import {
  type Everybody,
  type GroupId,
  transitiveGroups,
  type UserId,
} from '../directory/directory.ts'
import type { Store } from '../store/store.ts'
import type { DecisionTable } from './conditions/table.ts'
import type { Live } from './live.ts'
import { type Consequence, weigh } from './lockout.ts'
import type { AccessPolicies } from './policy.ts'
import { noteEdit } from './policy-index.ts'
import { readPlaces } from './records.ts'
import { attemptsOf, type Comparison, Replaying } from './replay.ts'

/** A draft, and the policies that it is to change. */
export interface Draft {
  readonly before: AccessPolicies
  readonly parts: Partial<AccessPolicies>
  /** What devices are judged by is changed as well. */
  readonly also?: Prepared<unknown> | undefined
  readonly actor: string
  readonly everybody: Everybody
  readonly joining?: Joining | undefined
}

/** Users who are to be in a group. */
export interface Joining {
  readonly group: GroupId
  readonly users: ReadonlySet<UserId>
}

/** Asks what a draft would do to every client that is known. */
export type Try = (draft: Draft) => Promise<Consequence>

/** Clients per turn of the event loop: some milliseconds. */
const slice = 200

/** Tries drafts on the clients of the snapshot, each from every place where it came from of late. */
export function createTrying(given: {
  store: Store
  live: Live
  table: DecisionTable
  clock: Clock
  log: Log
  pause: () => Promise<void>
}): Try {
  const { store, live, table, clock, log, pause } = given
  return async ({ before: asked, parts, also, actor, everybody, joining }) => {
    // Everybody counts, also who has come just now.
    await live.meetNewcomers()
    const shifts = await also?.shifts()
    const now = clock.now()
    // Where these are in force here, too, most of what they say was said before.
    const { policies } = live.snapshot
    const inForce = JSON.stringify(policies) === JSON.stringify(asked) ? policies : undefined
    const before = inForce ?? asked
    const known: Comparison['known'] = (partnership, attempt) => {
      const client = live.snapshot.client(partnership)
      const isSame = live.snapshot.policies === inForce && client?.circumstances === attempt
      return isSame ? client.decided(now) : undefined
    }
    const after = { ...before, ...parts }
    noteEdit(live.snapshot.policies, before)
    noteEdit(before, after)
    const failed = (thrown: unknown) => void log.error('access.try', thrown)
    const become = joining && joinedBy(joining, everybody)
    const comparison: Comparison = { before, after, shifts, now, become, table, known, failed }
    // Nothing else asks where a client is.
    const asksForPlaces = [before, after].some(
      ({ conditionalAccess }) => conditionalAccess.policies.length > 0,
    )
    const places = asksForPlaces
      ? await readPlaces(store.db, now - limits.placesKeptMs.value)
      : undefined
    const replaying = new Replaying(comparison)
    let taken = 0
    for (const partnership of live.snapshot.partnerships()) {
      if (++taken % slice === 0) await pause()
      const circumstances = live.snapshot.circumstances(partnership)
      if (!circumstances) continue
      const attempts = attemptsOf(circumstances, places?.get(partnership) ?? [])
      replaying.take(partnership, attempts)
    }
    const change = joining ? { group: joining.group } : also ? [parts, also.draft] : parts
    return weigh({ replay: replaying.result(), comparison, change, everybody, actor })
  }
}

/** What becomes of an account by joining, with the groups that the joined one lies in. */
function joinedBy({ group, users }: Joining, everybody: Everybody): Comparison['become'] {
  const around = [group, ...(transitiveGroups(everybody).get(group) ?? [])]
  return (account) =>
    users.has(account.id)
      ? { ...account, groups: new Set([...account.groups, ...around]) }
      : account
}
