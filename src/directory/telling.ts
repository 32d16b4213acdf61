import type { Journal } from '../store/journal.ts'
import type { Tx } from '../store/store.ts'
import type { Group, GroupId, User, UserId } from './directory.ts'

/** One change of a user or group, as a history tells it. */
export interface DirectoryChange {
  readonly kind: 'user' | 'group'
  readonly id: UserId | GroupId
  readonly name: string
  readonly change: 'created' | 'changed'
  readonly difference: readonly Difference[]
}

/** By JSONPath; one that ends in `[*]` is of a set: what went from it, and what came to it. */
interface Difference {
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
}

/** Notes in the transaction of the change who made it. */
export type Tell = (tx: Tx, actor: string, changes: readonly DirectoryChange[]) => Promise<void>

/** Where a change is told: to those who follow, and to the history. */
export interface Told {
  readonly journal: Journal
  tell(tx: Tx, changes: readonly DirectoryChange[]): Promise<void>
}

/** A new user. Of a password is told that there is one. */
export function userAdded(user: User, withPassword: boolean): readonly DirectoryChange[] {
  const said = Object.entries(saysOf(user))
    .filter(([, value]) => value !== undefined)
    .map(([name, after]) => ({ path: `$.${name}`, after }))
  const difference = [...said, ...passwordSet(withPassword)]
  return [{ kind: 'user', id: user.id, name: user.name, change: 'created', difference }]
}

/** What of a user is another now; nothing where all is the same. */
export function userChanged(
  before: User,
  after: User,
  withPassword: boolean,
): readonly DirectoryChange[] {
  const was = saysOf(before)
  const said = Object.entries(saysOf(after))
    .map(([name, value]) => ({ name, before: was[name], after: value }))
    .filter((one) => one.before !== one.after)
    .map(({ name, ...sides }) => ({
      path: `$.${name}`,
      ...(sides.before !== undefined && { before: sides.before }),
      ...(sides.after !== undefined && { after: sides.after }),
    }))
  const difference = [...said, ...passwordSet(withPassword)]
  if (difference.length === 0) return []
  return [{ kind: 'user', id: after.id, name: after.name, change: 'changed', difference }]
}

/** A new group, without members. */
export function groupAdded({ id, name }: Group): readonly DirectoryChange[] {
  const difference = [{ path: '$.displayName', after: name }]
  return [{ kind: 'group', id, name, change: 'created', difference }]
}

/** Who went from a group, and who came to it. */
export function membersChanged(
  { id, name }: Pick<Group, 'id' | 'name'>,
  went: readonly (UserId | GroupId)[],
  came: readonly (UserId | GroupId)[],
): readonly DirectoryChange[] {
  const sides = {
    ...(went.length > 0 && { before: went.toSorted() }),
    ...(came.length > 0 && { after: came.toSorted() }),
  }
  const difference = [{ path: '$.members[*]', ...sides }]
  return [{ kind: 'group', id, name, change: 'changed', difference }]
}

/** By the names that the API has for it. */
function saysOf(user: User): Readonly<Record<string, string | boolean | undefined>> {
  return {
    userPrincipalName: user.name,
    displayName: user.displayName,
    mail: user.mail,
    accountEnabled: user.enabled,
    role: user.role,
    preferredLanguage: user.preferredLanguage,
  }
}

/** Which one it is, no history holds. */
const passwordSet = (withPassword: boolean): readonly Difference[] =>
  withPassword ? [{ path: '$.password', after: 'set' }] : []
