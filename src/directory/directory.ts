import type { Clock } from '../base/clock.ts'
import { type Id, newId } from '../base/id.ts'
import type { Store, Tx } from '../store/store.ts'
import { closeGroups } from './closure.ts'
import { checkChange, checkDraft, checkGroupName } from './draft.ts'
import { addGroup, changeMembers } from './groups.ts'
import { createPasswordHashes } from './passwords.ts'
import * as records from './records.ts'
import { checkPassword, findSigningIn } from './sign-in.ts'
import type { Tell } from './telling.ts'
import { addUser, changeUser } from './users.ts'

/** `usr_…` */
export type UserId = Id<'usr'>
/** `grp_…` */
export type GroupId = Id<'grp'>

/** Somebody who signs in. */
export interface User {
  readonly id: UserId
  /** Sign-in name, compared without regard to case. */
  readonly name: string
  readonly displayName: string
  /** Primary SMTP address; also accepted as sign-in name. */
  readonly mail: string
  readonly enabled: boolean
  readonly role: 'user' | 'administrator'
  /** In what language they like to be written to, as a BCP 47 tag: `de-AT`; absent where nobody said. */
  readonly preferredLanguage?: string
}

/** A set of users and groups. */
export interface Group {
  readonly id: GroupId
  readonly name: string
  /** Direct members; a group may hold groups. */
  readonly members: readonly (UserId | GroupId)[]
}

/** A user to be. Without a password nobody signs in here as this user; the password may live elsewhere. */
export interface UserDraft {
  readonly name: string
  /** Default: the name. */
  readonly displayName?: string
  readonly mail: string
  readonly password?: string
  readonly role?: 'user' | 'administrator'
  readonly preferredLanguage?: string
}

/** Everybody, as one value: small enough to hold, and what the access snapshot is built from. */
export interface Everybody {
  readonly users: readonly User[]
  readonly groups: readonly Group[]
}

/** What `changeUser` may change. */
export type UserChange = Partial<Pick<User, 'displayName' | 'mail' | 'enabled' | 'role'>> & {
  readonly password?: string
  /** Null: nobody said. */
  readonly preferredLanguage?: string | null
}

/** What `changeMembers` removes, then adds. */
export interface MemberChange {
  readonly add?: readonly (UserId | GroupId)[]
  readonly remove?: readonly (UserId | GroupId)[]
}

/** What `directory.changed` says. */
export interface DirectoryNews {
  /** Whose own record, password or direct groups changed. */
  readonly users: readonly UserId[]
  /** Whose direct members changed. */
  readonly groups: readonly GroupId[]
  /** Who is in other groups now, near or far; `everyone` where they are too many to name. */
  readonly members: readonly UserId[] | 'everyone'
}

/** Who makes a change: a name, or the site itself where nobody does. */
export interface ChangedBy {
  readonly actor?: string
  /** The change is part of this transaction. */
  readonly within?: Tx
}

/**
 * Users, nested groups and their passwords. Each change is told, with its `actor`, in its transaction. Appends `directory.changed` `DirectoryNews` in the transaction of the change.
 */
export interface Directory {
  /** Throws `name.taken`, also when the mail address is another's name; `request.malformed`. The password is kept as argon2id. */
  addUser(draft: UserDraft, actor?: string): Promise<User>
  /** Throws `not.found`, `name.taken` and `request.malformed`. */
  changeUser(id: UserId, change: UserChange, actor?: string): Promise<User>
  /** Throws `name.taken`. */
  addGroup(name: string, actor?: string): Promise<Group>
  /**
   * Removes, then adds direct members; who is one already, or is none, is passed over. A cycle of groups is refused with
   * `request.malformed`, an unknown group or member with `not.found`; then nothing was changed.
   */
  changeMembers(group: GroupId, change: MemberChange, by?: ChangedBy): Promise<void>
  /** By sign-in name or mail address, without regard to case. */
  find(nameOrMail: string): Promise<User | undefined>
  user(id: UserId): Promise<User | undefined>
  everybody(): Promise<Everybody>
  /**
   * The user if the password is right and the account enabled; takes the same time when it is not. Throws
   * `credentials.throttled` while too many others are being checked.
   */
  checkPassword(nameOrMail: string, password: string): Promise<User | undefined>
  /** Whether the user has a password here; otherwise it lives elsewhere. */
  hasPassword(user: UserId): Promise<boolean>
}

/** The groups of each user and group, nested ones included; whoever is in none is absent. */
export function transitiveGroups(
  everybody: Everybody,
): ReadonlyMap<UserId | GroupId, ReadonlySet<GroupId>> {
  return closeGroups<GroupId, UserId>(everybody.groups)
}

/** Whose change it is where nobody is named. */
const itself = 'site'

/** The directory in our own store; `tell` notes in the transaction of a change who made it. */
export function createDirectory(given: { store: Store; clock: Clock; tell: Tell }): Directory {
  const { store, clock, tell } = given
  const passwords = createPasswordHashes()
  const { db, journal } = store
  const by = (actor = itself) => ({
    journal,
    tell: (tx: Tx, changes: Parameters<Tell>[2]) => tell(tx, actor, changes),
  })
  /** Before the transaction, which must not wait for it. */
  const hashOf = async (password: string | undefined) =>
    password === undefined ? undefined : await passwords.hash(password)

  return {
    async addUser(draft, actor) {
      const { password, ...checked } = checkDraft(draft)
      const now = clock.now()
      const user: User = { id: newId('usr', now), ...checked, enabled: true }
      const hash = await hashOf(password)
      await store.transact((tx) => addUser(tx, by(actor), user, hash, now))
      return user
    },
    async changeUser(id, change, actor) {
      const { password, ...rest } = checkChange(change)
      const hash = await hashOf(password)
      return await store.transact((tx) => changeUser(tx, by(actor), id, rest, hash))
    },
    async addGroup(name, actor) {
      const now = clock.now()
      const group: Group = { id: newId('grp', now), name: checkGroupName(name), members: [] }
      await store.transact((tx) => addGroup(tx, by(actor), group, now))
      return group
    },
    async changeMembers(group, change, { actor, within } = {}) {
      if (within) await changeMembers(within, by(actor), group, change)
      else await store.transact((tx) => changeMembers(tx, by(actor), group, change))
    },
    find: async (nameOrMail) => (await findSigningIn(db, nameOrMail))?.user,
    user: async (id) => (await records.findUser(db, id))?.user,
    everybody: () => records.readEverybody(db),
    checkPassword: (nameOrMail, password) => checkPassword(db, passwords, nameOrMail, password),
    hasPassword: async (user) => (await records.findUser(db, user))?.passwordHash !== undefined,
  }
}
