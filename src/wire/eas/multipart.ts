import { Failure } from '../../base/failures.ts'
import { AirSyncBase, ItemOperations } from '../wbxml/tokens.ts'
import { bytesOf, childrenOf, type Element, element, textOf } from '../wbxml/wbxml.ts'

/** The content type of an answer in parts (MS-ASHTTP 2.2.2.1.1.2.1). */
export const multipartType = 'application/vnd.ms-sync.multipart'

/**
 * Moves the data of fetched properties into parts of their own: a body as UTF-8, an attachment as its bytes. Part 0 is the
 * WBXML document, so the parts given here are numbered from 1.
 */
export function takeParts(properties: readonly Element[], parts: Uint8Array[]): readonly Element[] {
  return properties.map((property) => {
    if (property.tag === ItemOperations.Data) {
      return partOf(Buffer.from(textOf(property) ?? '', 'base64'), parts)
    }
    if (property.tag !== AirSyncBase.Body) return property
    const children = childrenOf(property)
    const data = children.find((child) => child.tag === AirSyncBase.Data)
    if (!data) return property
    // The Part comes last (MS-ASAIRS 2.2.2.9).
    const rest = children.filter((child) => child !== data)
    return element(property.tag, ...rest, partOf(bytesOf(data) ?? new Uint8Array(), parts))
  })
}

function partOf(bytes: Uint8Array, parts: Uint8Array[]): Element {
  return element(ItemOperations.Part, parts.push(bytes))
}

/** Writes all parts as one body: their count, offset and length of each (32 bits, little-endian), then the bytes. */
export function writeMultipart(parts: readonly Uint8Array[]): Uint8Array {
  const head = 4 + 8 * parts.length
  const out = Buffer.alloc(parts.reduce((sum, part) => sum + part.length, head))
  out.writeUInt32LE(parts.length, 0)
  let at = head
  for (const [index, part] of parts.entries()) {
    out.writeUInt32LE(at, 4 + 8 * index)
    out.writeUInt32LE(part.length, 8 + 8 * index)
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Takes such a body apart; the parts are views on it. */
export function readMultipart(body: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const count = body.length < 4 ? 0 : view.getUint32(0, true)
  if (count === 0 || 4 + 8 * count > body.length) throw malformed()
  return Array.from({ length: count }, (_, index) => {
    const start = view.getUint32(4 + 8 * index, true)
    const length = view.getUint32(8 + 8 * index, true)
    if (start + length > body.length) throw malformed()
    return body.subarray(start, start + length)
  })
}

const malformed = () => new Failure('request.malformed', 'not a multipart answer')
