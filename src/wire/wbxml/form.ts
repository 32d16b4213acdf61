import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'

/*
 * The byte form of a document (MS-ASWBXML 2.1.2.1): a small part of WBXML 1.3. A fixed header, tags in code pages,
 * inline strings, opaque bytes. All the rest of WBXML (string table, entities, attributes, processing instructions,
 * literal tags, extensions) is refused: no client sends it, and where two readers differ a request slips past a gate.
 */

/**
 * The bytes that steer a reader, and its limits. Each reader takes them into constants of its own file: the engine
 * folds those into its code, but loads an imported one again at every use, which costs a third of the speed.
 */
export const form = {
  switchPage: 0x00,
  endOfElement: 0x01,
  inlineString: 0x03,
  opaqueBytes: 0xc3,
  /** Set in the token of a tag when content follows. */
  withContent: 0x40,
  maxDepth: limits.wbxmlDepth.value,
  maxNodes: limits.wbxmlNodes.value,
  /** Text is searched byte by byte this far; then the engine's search, whose call costs as much, takes over. */
  nearBytes: 32,
} as const

/** WBXML 1.3, unknown public id, UTF-8, no string table. */
export const header: readonly number[] = [0x03, 0x01, 0x6a, 0x00]

/** Refuses a document that is too large, or does not begin with the one legal header. */
export function checkHeader(bytes: Uint8Array, maxBytes: number): void {
  if (bytes.length > maxBytes)
    throw new Failure('limit.exceeded', `wbxml: ${bytes.length} bytes, more than ${maxBytes}`)
  if (bytes[0] === 0x03 && bytes[1] === 0x01 && bytes[2] === 0x6a && bytes[3] === 0x00) return
  const at = header.findIndex((byte, index) => bytes[index] !== byte)
  throw malformed(at, 'not the header 03 01 6A 00')
}

/** What is wrong at which byte: request.malformed. */
export function malformed(at: number, what: string): Failure {
  return new Failure('request.malformed', `wbxml: ${what} at byte ${at}`)
}

/** More levels or nodes than the limits allow: limit.exceeded. */
export function excessive(at: number, what: string): Failure {
  return new Failure('limit.exceeded', `wbxml: more than ${what} at byte ${at}`)
}

/** Names what a byte is that may not stand where it stands. */
export function strayToken(at: number, token: number): Failure {
  const hex = token.toString(16).padStart(2, '0')
  if (token >= 0x80) return malformed(at, `attribute, string table or extension token 0x${hex}`)
  return malformed(at, `token 0x${hex}, which EAS does not use,`)
}

/** Where a length that was just read by `readLength` ended. */
export let lengthEnd = 0

/** A mb_u_int32: 7 bits a byte, highest first, at most 5 bytes and 32 bits. Sets `lengthEnd`. */
export function readLength(bytes: Uint8Array, start: number): number {
  let value = 0
  for (let at = start; at < start + 5; at++) {
    const byte = bytes[at]
    if (byte === undefined) throw malformed(at, 'document ends inside a length')
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      if (value > 0xffff_ffff) break
      lengthEnd = at + 1
      return value
    }
  }
  throw malformed(start, 'a length of more than 32 bits')
}
