import { isUtf8 } from 'node:buffer'
import { limits } from '../base/limits.ts'
import {
  type DecodeWords,
  decodeText,
  type Fields,
  type Parameterised,
  readFields,
  readParameters,
} from './mime-fields.ts'

// The structure of a message (RFC 2045, RFC 2046), found by searching bytes, not by reading lines: a mail of nothing but
// empty lines costs a line reader minutes.

/** A part that holds no others: its fields, and where its body lies. */
export interface Leaf {
  readonly fields: Fields
  readonly type: Parameterised
  readonly disposition: Parameterised
  /** The encoded body: a view on the message. */
  readonly body: Uint8Array
  /** Parts of one number are forms of the same text; 0 stands alone. */
  readonly alternative: number
}

/** Fields of the message itself, and its parts in their order. */
export interface Structure {
  readonly fields: Fields
  readonly leaves: readonly Leaf[]
}

interface Walk {
  readonly decodeWords: DecodeWords
  readonly leaves: Leaf[]
  headerBytes: number
  alternatives: number
}

/** Finds all parts. What lies deeper, or is more, than the limits is left as one part or left out. */
export function readStructure(raw: Uint8Array, decodeWords: DecodeWords): Structure {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const walk: Walk = { decodeWords, leaves: [], headerBytes: 0, alternatives: 0 }
  const fields = walkPart(walk, bytes, 0, 0)
  return { fields, leaves: walk.leaves }
}

function walkPart(walk: Walk, bytes: Buffer, depth: number, alternative: number): Fields {
  const { head, body } = splitHead(bytes)
  walk.headerBytes += head.length
  const spare = walk.headerBytes <= limits.mimeHeaderBytes.value
  const fields = readFields(spare ? head : head.subarray(0, 0))
  const type = readParameters(fields.get('content-type') || 'text/plain', walk.decodeWords)
  const boundary = type.parameters.get('boundary') ?? ''
  const isMultipart = type.value.startsWith('multipart/') && boundary !== ''
  if (isMultipart && depth < limits.mimeDepth.value && boundary.length <= 200) {
    const isAlternative = type.value === 'multipart/alternative' && alternative === 0
    const inner = isAlternative ? ++walk.alternatives : alternative
    for (const part of splitParts(body, boundary)) {
      if (walk.leaves.length >= limits.mimeParts.value) break
      walkPart(walk, part, depth + 1, inner)
    }
    return fields
  }
  const disposition = readParameters(fields.get('content-disposition') ?? '', walk.decodeWords)
  walk.leaves.push({ fields, type, disposition, body, alternative })
  return fields
}

function splitHead(bytes: Buffer): { head: Buffer; body: Buffer } {
  if (bytes[0] === 10) return { head: bytes.subarray(0, 0), body: bytes.subarray(1) }
  if (bytes[0] === 13 && bytes[1] === 10)
    return { head: bytes.subarray(0, 0), body: bytes.subarray(2) }
  const long = bytes.indexOf('\r\n\r\n')
  const short = bytes.subarray(0, long < 0 ? bytes.length : long).indexOf('\n\n')
  if (short >= 0) return { head: bytes.subarray(0, short), body: bytes.subarray(short + 2) }
  if (long >= 0) return { head: bytes.subarray(0, long), body: bytes.subarray(long + 4) }
  return { head: bytes, body: bytes.subarray(bytes.length) }
}

/** The parts between delimiter lines; without a closing one the last part goes to the end (RFC 2046 5.1.1). */
function* splitParts(body: Buffer, boundary: string): Generator<Buffer> {
  const mark = Buffer.from(`--${boundary}`)
  let start = -1
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) {
    if (at > 0 && body[at - 1] !== 10) continue
    const after = at + mark.length
    const closes = body[after] === 45 && body[after + 1] === 45
    const newline = body.indexOf(10, after)
    const end = newline < 0 ? body.length : newline
    // Anything else than blanks behind it: a longer boundary, or text.
    const rest = body.subarray(closes ? after + 2 : after, Math.min(end, after + 80))
    if (!/^[ \t\r]*$/.test(rest.toString('latin1'))) continue
    if (start >= 0) yield body.subarray(start, Math.max(start, lineEndBefore(body, at)))
    if (closes) return
    start = Math.min(end + 1, body.length)
  }
  if (start >= 0) yield body.subarray(start)
}

// The line break before a delimiter belongs to it.
function lineEndBefore(body: Buffer, at: number): number {
  if (at < 1 || body[at - 1] !== 10) return at
  return at > 1 && body[at - 2] === 13 ? at - 2 : at - 1
}

/** The decoded bytes of a part. */
export function decodeLeaf(leaf: Leaf): Uint8Array {
  const encoding = (leaf.fields.get('content-transfer-encoding') ?? '').toLowerCase()
  const { body } = leaf
  if (encoding === 'base64') {
    return Buffer.from(
      Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'),
      'base64',
    )
  }
  return encoding === 'quoted-printable' ? decodeQuoted(body) : body
}

/** The decoded text of a part, with plain line ends. */
export function leafText(leaf: Leaf): string {
  const bytes = decodeLeaf(leaf)
  const charset = leaf.type.parameters.get('charset') ?? (isUtf8(bytes) ? 'utf-8' : 'windows-1252')
  return decodeText(bytes, charset).replace(/\r\n?/g, '\n')
}

const hex = (byte: number | undefined) => {
  const digit = Number.parseInt(String.fromCharCode(byte ?? 32), 16)
  return Number.isNaN(digit) ? -1 : digit
}

// RFC 2045 6.7; what is not well formed stands as it is.
function decodeQuoted(body: Uint8Array): Uint8Array {
  const out = Buffer.alloc(body.length)
  let length = 0
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] ?? 0
    if (byte !== 61) {
      out[length++] = byte
      continue
    }
    if (body[at + 1] === 10) at += 1
    else if (body[at + 1] === 13 && body[at + 2] === 10) at += 2
    else {
      const [high, low] = [hex(body[at + 1]), hex(body[at + 2])]
      if (high >= 0 && low >= 0) {
        out[length++] = high * 16 + low
        at += 2
      } else out[length++] = byte
    }
  }
  return out.subarray(0, length)
}
