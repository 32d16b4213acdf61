import type { Database, Tx } from '../store/store.ts'
import type { Everybody, Group, GroupId, User, UserId } from './directory.ts'
import type { DirectoryTables } from './migrations.ts'

/** A user with the hash that never leaves this room. */
export interface UserRecord {
  readonly user: User
  readonly passwordHash: string | undefined
}

const tables = (db: Database) => db.withTables<DirectoryTables>()

/** What `directory_user` holds; only this room writes it, so its words are known. */
interface UserRow {
  id: string
  name: string
  displayName: string
  mail: string
  enabled: number
  role: string
  passwordHash: string | null
  preferredLanguage: string | null
}

const userColumns = [
  'id',
  'name',
  'displayName',
  'mail',
  'enabled',
  'role',
  'passwordHash',
  'preferredLanguage',
] as const

function toUser(row: UserRow): User {
  return {
    id: row.id as UserId, // written from a UserId
    name: row.name,
    displayName: row.displayName,
    mail: row.mail,
    enabled: row.enabled === 1,
    role: row.role === 'administrator' ? 'administrator' : 'user',
    ...(row.preferredLanguage !== null && { preferredLanguage: row.preferredLanguage }),
  }
}

function toRecord(row: UserRow | undefined): UserRecord | undefined {
  return row && { user: toUser(row), passwordHash: row.passwordHash ?? undefined }
}

/** The user who signs in by this folded name or mail address. */
export async function findByName(db: Database, folded: string): Promise<UserRecord | undefined> {
  const row = await tables(db)
    .selectFrom('directory_name')
    .innerJoin('directory_user', 'directory_user.id', 'directory_name.user')
    .select(userColumns)
    .where('directory_name.folded', '=', folded)
    .executeTakeFirst()
  return toRecord(row)
}

/** The user of this id. */
export async function findUser(db: Database, id: UserId): Promise<UserRecord | undefined> {
  const row = await tables(db)
    .selectFrom('directory_user')
    .select(userColumns)
    .where('id', '=', id)
    .executeTakeFirst()
  return toRecord(row)
}

/** Writes a new user. */
export async function insertUser(
  tx: Tx,
  user: User,
  passwordHash: string | undefined,
  addedAt: number,
): Promise<void> {
  await tables(tx)
    .insertInto('directory_user')
    .values({
      ...user,
      enabled: user.enabled ? 1 : 0,
      passwordHash: passwordHash ?? null,
      addedAt,
    })
    .execute()
}

/** Writes all of a user that can change; the hash only where one is given. */
export async function updateUser(
  tx: Tx,
  user: User,
  passwordHash: string | undefined,
): Promise<void> {
  await tables(tx)
    .updateTable('directory_user')
    .set({
      displayName: user.displayName,
      mail: user.mail,
      enabled: user.enabled ? 1 : 0,
      role: user.role,
      preferredLanguage: user.preferredLanguage ?? null,
      ...(passwordHash !== undefined && { passwordHash }),
    })
    .where('id', '=', user.id)
    .execute()
}

/** Makes these folded names sign the user in, and no others. False when another user has one of them. */
export async function claimNames(
  tx: Tx,
  user: UserId,
  folded: ReadonlySet<string>,
): Promise<boolean> {
  await tables(tx).deleteFrom('directory_name').where('user', '=', user).execute()
  const claimed = await tables(tx)
    .insertInto('directory_name')
    .values([...folded].map((name) => ({ folded: name, user })))
    .onConflict((conflict) => conflict.column('folded').doNothing())
    .returning('folded')
    .execute()
  return claimed.length === folded.size
}

/** Writes a new group. False when one of this folded name exists. */
export async function insertGroup(
  tx: Tx,
  group: Pick<Group, 'id' | 'name'> & { folded: string; addedAt: number },
): Promise<boolean> {
  const row = await tables(tx)
    .insertInto('directory_group')
    .values({ id: group.id, folded: group.folded, name: group.name, addedAt: group.addedAt })
    .onConflict((conflict) => conflict.column('folded').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Every group with its direct members, oldest first. */
export async function readGroups(db: Database): Promise<readonly Group[]> {
  // Members first: a group or user that appears in between then lacks at most its members, never itself.
  const members = await tables(db)
    .selectFrom('directory_member')
    .select(['group', 'member'])
    .orderBy('group')
    .orderBy('member')
    .execute()
  const groups = await tables(db)
    .selectFrom('directory_group')
    .select(['id', 'name'])
    .orderBy('addedAt')
    .orderBy('id')
    .execute()
  const lists = new Map<string, (UserId | GroupId)[]>(groups.map(({ id }) => [id, []]))
  for (const { group, member } of members) lists.get(group)?.push(member as UserId | GroupId) // written from one
  return groups.map(({ id, name }) => ({ id: id as GroupId, name, members: lists.get(id) ?? [] })) // written from one
}

/** Everybody, oldest first. */
export async function readEverybody(db: Database): Promise<Everybody> {
  const groups = await readGroups(db)
  const users = await tables(db)
    .selectFrom('directory_user')
    .select(userColumns)
    .orderBy('addedAt')
    .orderBy('id')
    .execute()
  return { users: users.map(toUser), groups }
}

/** Which of these users and groups exist. */
export async function findExisting(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  // In pages: both engines bound the parameters of a statement.
  for (let at = 0; at < ids.length; at += 500) {
    const page = ids.slice(at, at + 500)
    for (const table of ['directory_user', 'directory_group'] as const) {
      const rows = await tables(tx).selectFrom(table).select('id').where('id', 'in', page).execute()
      for (const { id } of rows) found.add(id)
    }
  }
  return found
}

type Member = UserId | GroupId

/** Adds direct members; returns those that were none before. */
export async function insertMembers(
  tx: Tx,
  group: GroupId,
  members: readonly Member[],
): Promise<readonly Member[]> {
  const added: Member[] = []
  for (let at = 0; at < members.length; at += 500) {
    const rows = await tables(tx)
      .insertInto('directory_member')
      .values(members.slice(at, at + 500).map((member) => ({ group, member })))
      .onConflict((conflict) => conflict.columns(['group', 'member']).doNothing())
      .returning('member')
      .execute()
    for (const { member } of rows) added.push(member as Member) // as it was given
  }
  return added
}

/** Removes direct members; returns those that were some before. */
export async function deleteMembers(
  tx: Tx,
  group: GroupId,
  members: readonly Member[],
): Promise<readonly Member[]> {
  const removed: Member[] = []
  for (let at = 0; at < members.length; at += 500) {
    const rows = await tables(tx)
      .deleteFrom('directory_member')
      .where('group', '=', group)
      .where('member', 'in', members.slice(at, at + 500))
      .returning('member')
      .execute()
    for (const { member } of rows) removed.push(member as Member) // as it was given
  }
  return removed
}
