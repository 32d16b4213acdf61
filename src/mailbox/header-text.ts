import type { Instant } from '../base/clock.ts'

const oneLine = (text: string) => text.replace(/\p{Cc}+/gu, ' ').trim()

/** Any text as a header value, RFC 2047: words of at most 45 bytes, cut between characters; never a second line. */
export function headerText(text: string): string {
  const line = oneLine(text)
  if (/^[\x20-\x7e]*$/.test(line) && !line.includes('=?')) return line
  const words: string[] = []
  let word = ''
  for (const character of line) {
    if (Buffer.byteLength(word + character) > 45) {
      words.push(word)
      word = ''
    }
    word += character
  }
  return [...words, word]
    .map((one) => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`)
    .join('\r\n ')
}

/** `Name <address>` or an address as a header value. */
export function headerAddress(address: string): string {
  const line = oneLine(address)
  const named = /^"?([^"<]*?)"?\s*<([^<>\s]+)>$/.exec(line)
  if (!named) return line
  const name = named[1] ?? ''
  const shown = /^[\x20-\x7e]*$/.test(name) ? `"${name.replace(/["\\]/g, '')}"` : headerText(name)
  return name ? `${shown} <${named[2]}>` : String(named[2])
}

/** The date form of RFC 5322. */
export function headerDate(at: Instant): string {
  return new Date(at).toUTCString().replace('GMT', '+0000')
}
