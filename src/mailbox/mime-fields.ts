import { limits } from '../base/limits.ts'

// Header fields of a message or of a part (RFC 5322, RFC 2045, RFC 2231). Strangers write them: every reader here is
// bounded, and linear in what it reads.

/** Decodes encoded words; `decodeWords` of the mail library, loaded by whoever calls. */
export type DecodeWords = (text: string) => string

/** Unfolded fields by lower-case name; of several of a name, the first. */
export type Fields = ReadonlyMap<string, string>

/** Reads a header block. Bytes beyond ASCII are read as UTF-8, as mailers that send them mean them (RFC 6532). */
export function readFields(block: Uint8Array): Fields {
  const text = Buffer.from(block.buffer, block.byteOffset, block.byteLength).toString('utf8')
  const fields = new Map<string, string>()
  for (const line of text.split(/\r?\n(?![ \t])/)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase()
    if (!/^[!-9;-~]{1,100}$/.test(name) || fields.has(name)) continue
    const value = line.slice(colon + 1, colon + 1 + limits.mimeFieldBytes.value)
    fields.set(name, value.replace(/\r?\n[ \t]*/g, ' ').trim())
  }
  return fields
}

/** A field such as Content-Type: its value in lower case, and its parameters. */
export interface Parameterised {
  readonly value: string
  readonly parameters: ReadonlyMap<string, string>
}

/** Reads `value; name=text; name*0="…"; name*1*=utf-8''%41`, encoded words inside quotes included, as mailers send them. */
export function readParameters(field: string, decodeWords: DecodeWords): Parameterised {
  const pieces = splitOutsideQuotes(field)
  const value = (pieces.shift() ?? '').trim().toLowerCase()
  const whole = new Map<string, string>()
  const partial = new Map<string, { index: number; text: string; encoded: boolean }[]>()
  for (const piece of pieces) {
    const equals = piece.indexOf('=')
    if (equals < 0) continue
    const text = unquote(piece.slice(equals + 1).trim())
    const found = /^([^*]{1,40})(?:\*(\d{1,3}))?(\*)?$/.exec(
      piece.slice(0, equals).trim().toLowerCase(),
    )
    if (!found?.[1]) continue
    const [, name, index, star] = found
    if (index === undefined && !star) whole.set(name, decodeWords(text))
    else {
      const list = partial.get(name) ?? []
      list.push({ index: Number(index ?? 0), text, encoded: star === '*' })
      partial.set(name, list)
    }
  }
  for (const [name, list] of partial) {
    list.sort((a, b) => a.index - b.index)
    whole.set(name, joinContinuations(list))
  }
  return { value, parameters: whole }
}

// RFC 2231 4.1: the first encoded piece names the charset, the others go on in it.
function joinContinuations(list: readonly { text: string; encoded: boolean }[]): string {
  let charset = 'utf-8'
  const bytes: Buffer[] = []
  for (const [at, { text, encoded }] of list.entries()) {
    let rest = text
    const mark = encoded && at === 0 ? /^([^']{0,40})'[^']{0,40}'/.exec(text) : null
    if (mark) {
      charset = mark[1] || charset
      rest = text.slice(mark[0].length)
    }
    bytes.push(encoded ? percentBytes(rest) : Buffer.from(rest))
  }
  return decodeText(Buffer.concat(bytes), charset)
}

function percentBytes(text: string): Buffer {
  const latin = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(latin, 'latin1')
}

function splitOutsideQuotes(text: string): string[] {
  const pieces: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (quoted && sign === '\\') at++
    else if (sign === '"') quoted = !quoted
    else if (sign === ';' && !quoted) {
      pieces.push(text.slice(start, at))
      start = at + 1
    }
  }
  pieces.push(text.slice(start))
  return pieces
}

function unquote(text: string): string {
  if (!text.startsWith('"')) return text
  return text
    .slice(1, text.endsWith('"') && text.length > 1 ? -1 : undefined)
    .replace(/\\(.)/g, '$1')
}

/** Bytes as text; an unknown charset is read as Latin, so that something is there to read. */
export function decodeText(bytes: Uint8Array, charset: string): string {
  const label = charset.trim().toLowerCase() || 'utf-8'
  try {
    return new TextDecoder(label === 'us-ascii' ? 'utf-8' : label).decode(bytes)
  } catch (thrown) {
    // RangeError: the sender named a charset that nobody knows.
    if (!(thrown instanceof RangeError)) throw thrown
    return new TextDecoder('windows-1252').decode(bytes)
  }
}
