import { randomBytes } from 'node:crypto'

/** An id that says what it names: `dev_…`, `prt_…`. */
export type Id<P extends string> = `${P}_${string}`

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * Makes a fresh id of 26 Crockford base32 characters after the prefix: 80 random bits behind a 48-bit
 * millisecond time, so that ids sort by birth and an index grows at its end.
 */
export function newId<P extends string>(prefix: P, now: number): Id<P> {
  let text = ''
  for (let shift = 45, rest = now; shift >= 0; shift -= 5) {
    const unit = 2 ** shift
    const digit = Math.floor(rest / unit)
    text += alphabet[digit & 31]
    rest -= digit * unit
  }
  for (const byte of randomBytes(16)) text += alphabet[byte & 31]
  return `${prefix}_${text}`
}

/** True when `text` has the shape of an id with this prefix. Says nothing about existence. */
export function isId<P extends string>(prefix: P, text: string): text is Id<P> {
  return text.startsWith(`${prefix}_`) && /^[0-9a-z]{26}$/.test(text.slice(prefix.length + 1))
}
