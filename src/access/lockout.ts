import { Failure } from '../base/failures.ts'
import { hashToken } from '../base/secret.ts'
import { type Everybody, transitiveGroups, type User } from '../directory/directory.ts'
import type { LockoutGuard } from './policy.ts'
import { type Comparison, isShut, type Replay } from './replay.ts'
import { bareAttempt } from './request.ts'

/** Why a change needs a second look. Users by their sign-in names. */
type Danger =
  | {
      readonly kind: 'actor' | 'lastAdministrator' | 'breakGlass'
      readonly users: readonly string[]
    }
  | {
      readonly kind: 'share'
      readonly blocked: number
      readonly letIn: number
      readonly mostPercent: number
    }

/** What a draft would do, and what of it asks for a confirmation. */
export interface Consequence {
  readonly replay: Replay
  readonly dangers: readonly Danger[]
  /** Names this very change with these very dangers; `undefined` where there is none. */
  readonly confirm: string | undefined
}

/** A change that nobody confirmed, with what it would have done. */
export class Lockout extends Failure {
  readonly consequence: Consequence
  constructor(consequence: Consequence) {
    const { dangers, confirm } = consequence
    super('policy.lockout', `${dangers.map(say).join('; ')}; to do it all the same: ${confirm}`)
    this.consequence = consequence
  }
}

/** Weighs what a replay has shown, by the guard that is in force before the change. */
export function weigh(given: {
  replay: Replay
  comparison: Comparison
  /** What a confirmation is for, besides the dangers. */
  change: object
  everybody: Everybody
  actor: string
}): Consequence {
  const { replay, change } = given
  const dangers = dangersOf(given)
  return { replay, dangers, confirm: dangers.length > 0 ? nameOf(change, dangers) : undefined }
}

function dangersOf({
  replay,
  comparison,
  everybody,
  actor,
}: Parameters<typeof weigh>[0]): readonly Danger[] {
  const { usersBefore, usersAfter, newlyBlocked, letIn } = replay
  const guard = comparison.before.lockout
  const isShutOut = ({ id }: User) => usersBefore.has(id) && !usersAfter.has(id)
  const enabled = everybody.users.filter((user) => user.enabled)
  const dangers: Danger[] = []
  const add = (kind: 'actor' | 'lastAdministrator' | 'breakGlass', users: readonly User[]) => {
    if (users.length > 0) dangers.push({ kind, users: users.map(({ name }) => name).toSorted() })
  }
  add(
    'actor',
    enabled.filter((user) => user.name === actor && isShutOut(user)),
  )
  const administrators = enabled.filter(({ role }) => role === 'administrator')
  if (!administrators.some(({ id }) => usersAfter.has(id)))
    add('lastAdministrator', administrators.filter(isShutOut))
  add('breakGlass', shutBreakGlass(guard, { replay, comparison, everybody }))
  const { mostPercent, leastClients } = guard
  if (letIn >= leastClients && newlyBlocked.length * 100 > letIn * mostPercent)
    dangers.push({ kind: 'share', blocked: newlyBlocked.length, letIn, mostPercent })
  return dangers
}

/** Of these accounts no client may be lost; where none is known, an attempt with no device must not be. */
function shutBreakGlass(
  { breakGlassUsers, breakGlassGroups }: LockoutGuard,
  {
    replay,
    comparison,
    everybody,
  }: Pick<Parameters<typeof weigh>[0], 'replay' | 'comparison' | 'everybody'>,
): readonly User[] {
  if (breakGlassUsers.length === 0 && breakGlassGroups.length === 0) return []
  const groupsOf = transitiveGroups(everybody)
  const users = new Set(breakGlassUsers)
  const blocked = new Set(replay.newlyBlocked.map(({ user }) => user))
  return everybody.users.filter((user) => {
    const groups = groupsOf.get(user.id) ?? new Set()
    if (!users.has(user.id) && !breakGlassGroups.some((group) => groups.has(group))) return false
    if (replay.users.has(user.id)) return blocked.has(user.id)
    return isShut(comparison, bareAttempt({ ...user, groups }))
  })
}

/** Ids and moments are made anew with each try, and the share moves with the hour: neither is the change itself. */
function nameOf(draft: object, dangers: readonly Danger[]): string {
  const fleeting = new Set(['id', 'createdDateTime', 'modifiedDateTime'])
  const change = JSON.stringify(draft, (key, value: unknown) =>
    fleeting.has(key) ? undefined : value,
  )
  const lasting = dangers.map((danger) =>
    danger.kind === 'share'
      ? { kind: danger.kind, twentieths: Math.ceil((danger.blocked * 20) / danger.letIn) }
      : danger,
  )
  return `lockout-${hashToken(JSON.stringify([change, lasting])).slice(0, 16)}`
}

const titles = {
  actor: 'it would keep you from mail',
  lastAdministrator: 'it would keep the last administrator from mail',
  breakGlass: 'it would keep an account for emergencies from mail',
} as const

function say(danger: Danger): string {
  if (danger.kind !== 'share') return `${titles[danger.kind]} (${someOf(danger.users)})`
  const { blocked, letIn, mostPercent } = danger
  const percent = Math.round((blocked * 100) / letIn)
  return `it would keep ${blocked} of ${letIn} clients from mail that reach it now (${percent} %, more than ${mostPercent} %)`
}

/** The first of them, and how many more. */
function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ')
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown
}
