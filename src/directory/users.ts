import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { Tx } from '../store/store.ts'
import type { User, UserChange, UserId } from './directory.ts'
import { foldName } from './fold.ts'
import * as records from './records.ts'
import { type Told, userAdded, userChanged } from './telling.ts'

/** Writes a new user with the hash of its password. Throws `name.taken`. */
export async function addUser(
  tx: Tx,
  { journal, tell }: Told,
  user: User,
  passwordHash: string | undefined,
  now: Instant,
): Promise<void> {
  await claimNames(tx, user)
  await records.insertUser(tx, user, passwordHash, now)
  await journal.append(tx, 'directory.changed', { users: [user.id], groups: [], members: [] })
  await tell(tx, userAdded(user, passwordHash !== undefined))
}

/** Changes what is given of a user. Throws `not.found` and `name.taken`. */
export async function changeUser(
  tx: Tx,
  { journal, tell }: Told,
  id: UserId,
  change: Omit<UserChange, 'password'>,
  passwordHash: string | undefined,
): Promise<User> {
  const known = await records.findUser(tx, id)
  if (!known) throw new Failure('not.found', `no user ${id}`)
  const { preferredLanguage, ...rest } = change
  const { preferredLanguage: before, ...kept } = known.user
  const language = preferredLanguage === undefined ? before : preferredLanguage
  const user: User = { ...kept, ...rest, ...(language && { preferredLanguage: language }) }
  if (user.mail !== known.user.mail) await claimNames(tx, user)
  await records.updateUser(tx, user, passwordHash)
  await journal.append(tx, 'directory.changed', { users: [id], groups: [], members: [] })
  await tell(tx, userChanged(known.user, user, passwordHash !== undefined))
  return user
}

/** A user signs in by name and by mail address, and by nothing that is another's. */
async function claimNames(tx: Tx, user: User): Promise<void> {
  const folded = new Set([foldName(user.name), foldName(user.mail)])
  if (!(await records.claimNames(tx, user.id, folded)))
    throw new Failure('name.taken', 'another user signs in by this name or mail address')
}
