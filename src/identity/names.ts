import { limits } from '../base/limits.ts'

/**
 * The sign-in names that a client's user field may mean, in the order to look them up; empty when it can be none.
 * EAS clients send `DOMAIN\user` when a domain was filled in, a mail address, or the bare name. The local part of an
 * address stands for a name only within `mailDomains`, our own: otherwise `admin@elsewhere.example` would be `admin`.
 */
export function readSignInName(text: string, mailDomains: readonly string[]): readonly string[] {
  if (text.length > limits.signInNameChars.value) return []
  const name = text
    .slice(text.indexOf('\\') + 1)
    .normalize('NFC')
    .trim()
    .toLowerCase()
  // A second backslash or a control character is in no name: nothing that a log line or a later parser could misread.
  if (name === '' || /[\\\p{Cc}]/u.test(name)) return []
  const at = name.lastIndexOf('@')
  const local = name.slice(0, Math.max(0, at))
  const ours = mailDomains.some((domain) => domain.toLowerCase() === name.slice(at + 1))
  return local !== '' && ours ? [name, local] : [name]
}
