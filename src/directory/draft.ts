import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { UserChange, UserDraft } from './directory.ts'
import { foldPassword } from './fold.ts'

/** What `addUser` writes, checked and with its defaults. */
interface CheckedDraft {
  readonly name: string
  readonly displayName: string
  readonly mail: string
  readonly password: string | undefined
  readonly role: 'user' | 'administrator'
  readonly preferredLanguage?: string
}

/** Checks all of a draft. Throws `request.malformed` that names the property, or `limit.exceeded`. */
export function checkDraft(draft: UserDraft): CheckedDraft {
  const name = checkName(draft.name)
  const mail = checkMail(draft.mail)
  return {
    name,
    displayName: checkDisplayName(draft.displayName ?? name),
    mail,
    password: draft.password === undefined ? undefined : checkNewPassword(draft.password),
    role: checkRole(draft.role ?? 'user'),
    ...(draft.preferredLanguage !== undefined && {
      preferredLanguage: checkLanguage(draft.preferredLanguage),
    }),
  }
}

/** Checks what is given of a change, and drops properties that are `undefined`. Throws as `checkDraft`. */
export function checkChange(change: UserChange): UserChange {
  const { displayName, mail, enabled, role, password, preferredLanguage: language } = change
  return {
    ...(displayName !== undefined && { displayName: checkDisplayName(displayName) }),
    ...(mail !== undefined && { mail: checkMail(mail) }),
    ...(enabled !== undefined && { enabled }),
    ...(role !== undefined && { role: checkRole(role) }),
    ...(password !== undefined && { password: checkNewPassword(password) }),
    ...(language !== undefined && {
      preferredLanguage: language === null ? null : checkLanguage(language),
    }),
  }
}

/**
 * A sign-in name. HTTP Basic cannot carry a colon in it (RFC 7617 2), clients put `DOMAIN\` before it, and invisible
 * characters would let two different users look the same in the console.
 */
function checkName(name: string): string {
  checkLine('name', name, limits.signInNameChars.value)
  if (/[:\\/]/.test(name)) malformed('name', 'contains one of : \\ /')
  return name
}

/** A name for people. */
function checkDisplayName(displayName: string): string {
  return checkLine('displayName', displayName, limits.displayNameChars.value)
}

/** The name of a group. */
export function checkGroupName(name: string): string {
  return checkLine('name', name, limits.displayNameChars.value)
}

/**
 * An address of the form local@domain (RFC 5321 4.1.2) without quoted local parts and address literals: no mail server
 * gives those to people, and every program that reads them reads them differently.
 */
function checkMail(mail: string): string {
  checkLine('mail', mail, limits.signInNameChars.value)
  const at = mail.lastIndexOf('@')
  const local = mail.slice(0, Math.max(0, at))
  const domain = mail.slice(at + 1)
  if (local.length > 64) malformed('mail', 'has more than 64 characters before the @')
  const plain = /^[^\s@()<>[\]:;,\\"]+$/
  const label = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?$/u
  if (!plain.test(local) || /^\.|\.\.|\.$/.test(local)) malformed('mail', 'is not local@domain')
  if (!domain.split('.').every((part) => label.test(part))) malformed('mail', 'is not local@domain')
  return mail
}

/** A password that is being set; sign-in only ever compares. */
function checkNewPassword(password: string): string {
  const folded = foldPassword(password)
  const { passwordChars, passwordMinimumChars } = limits
  if (folded.length > passwordChars.value) tooLong('password', passwordChars.value)
  // Counted as people count: a letter outside the Basic Multilingual Plane is one.
  if ([...folded].length < passwordMinimumChars.value)
    malformed('password', `has fewer than ${passwordMinimumChars.value} characters`)
  if (/\p{Cc}/u.test(folded)) malformed('password', 'contains a control character')
  return folded
}

function checkRole(role: string): 'user' | 'administrator' {
  if (role === 'user' || role === 'administrator') return role
  return malformed('role', 'is neither user nor administrator')
}

/** Language, script and region (RFC 5646 2.1), the parts that choose a text, in the case that people write them in. */
function checkLanguage(tag: string): string {
  const parts = /^([a-z]{2,3})(-[a-z]{4})?(-(?:[a-z]{2}|\d{3}))?$/i.exec(tag)
  if (!parts) malformed('preferredLanguage', 'is no language, write for example de or en-US')
  const [, language = '', script = '', region = ''] = parts
  const title = script && `-${script.charAt(1).toUpperCase()}${script.slice(2).toLowerCase()}`
  return `${language.toLowerCase()}${title}${region.toUpperCase()}`
}

function checkLine(property: string, text: string, longest: number): string {
  if (text.length > longest) tooLong(property, longest)
  if (text.trim() === '') malformed(property, 'is empty')
  if (text !== text.trim()) malformed(property, 'begins or ends with a space')
  // Control, format (direction overrides, zero width) and unassigned characters, lone surrogates, line separators.
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(text)) malformed(property, 'contains an invisible character')
  return text
}

// The property, never its value: what was typed may be a password in the wrong field.
function malformed(property: string, what: string): never {
  throw new Failure('request.malformed', `${property} ${what}`)
}

function tooLong(property: string, longest: number): never {
  throw new Failure('limit.exceeded', `${property} has more than ${longest} characters`)
}
