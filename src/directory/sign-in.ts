import { limits } from '../base/limits.ts'
import type { Database } from '../store/store.ts'
import type { User } from './directory.ts'
import { foldName, foldPassword } from './fold.ts'
import type { PasswordHashes } from './passwords.ts'
import * as records from './records.ts'

/** The user of this sign-in name or mail address. Nothing too long to be one reaches the database. */
export async function findSigningIn(
  db: Database,
  nameOrMail: string,
): Promise<records.UserRecord | undefined> {
  if (nameOrMail.length > limits.signInNameChars.value) return undefined
  return await records.findByName(db, foldName(nameOrMail))
}

/** The user if the password is right and the account enabled. */
export async function checkPassword(
  db: Database,
  passwords: PasswordHashes,
  nameOrMail: string,
  password: string,
): Promise<User | undefined> {
  const found = await findSigningIn(db, nameOrMail)
  // Cut, not refused early: whatever is wrong, the answer takes one lookup and one hash.
  const { value: longest } = limits.passwordChars
  const cut = foldPassword(password.slice(0, longest))
  const fits = await passwords.verify(found?.passwordHash, cut)
  if (!found || !fits || password.length > longest) return undefined
  // Read again: while this waited for its turn, the account may have been disabled or the password replaced.
  const now = await records.findUser(db, found.user.id)
  return now?.user.enabled && now.passwordHash === found.passwordHash ? now.user : undefined
}
