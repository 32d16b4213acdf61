import type { Directory, User } from '../directory/directory.ts'

/** Passwords that live elsewhere, for example in the mail server behind Postern. */
export interface Elsewhere {
  /** Only a user without a password of ours is asked for elsewhere. */
  hasPasswordHere(user: User): Promise<boolean>
  /** Throws when it cannot be asked; that is nobody's wrong try. */
  verify(name: string, password: string): Promise<boolean>
}

/** Where users and their passwords are looked up. */
export interface Sources {
  readonly directory: Pick<Directory, 'find' | 'checkPassword'>
  readonly elsewhere?: Elsewhere | undefined
}

/** The first of these names that is a user's. */
export async function findFirst(
  directory: Pick<Directory, 'find'>,
  names: readonly string[],
): Promise<User | undefined> {
  for (const name of names) {
    const user = await directory.find(name)
    if (user) return user
  }
  return undefined
}

/** The user, if this is their password, here or elsewhere. */
export async function verifyPassword(
  { directory, elsewhere }: Sources,
  user: User | undefined,
  name: string,
  password: string,
): Promise<User | undefined> {
  if (user?.enabled && elsewhere && !(await elsewhere.hasPasswordHere(user))) {
    return (await elsewhere.verify(user.name, password)) ? user : undefined
  }
  // Also for nobody: the directory takes the same time for it.
  const found = await directory.checkPassword(user?.name ?? name, password)
  return found?.id === user?.id ? found : undefined
}
