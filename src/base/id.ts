import { createHash, randomBytes } from 'node:crypto'

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

/** Names of ours are told from those of others by this: any UUID, chosen once (RFC 9562 section 5.5). */
const namespace = Buffer.from('6f1d3c0e9b7a4e52a84c5d2f70e1b396', 'hex')

/** The UUID of a name: the same for the same name, everywhere and always (version 5). */
export function nameUuid(name: string): string {
  const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
