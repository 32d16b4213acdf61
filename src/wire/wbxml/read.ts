import {
  checkHeader,
  excessive,
  form,
  lengthEnd,
  malformed,
  readLength,
  strayToken,
} from './form.ts'
import { asciiText, bufferOf, decodeText, shortText } from './text.ts'
import type { Content, Element } from './wbxml.ts'

const {
  endOfElement,
  inlineString,
  opaqueBytes,
  switchPage,
  withContent,
  maxDepth,
  maxNodes,
  nearBytes,
} = form

/** An element that is still growing. */
interface OpenElement {
  readonly tag: number
  readonly children: Content[]
}

/**
 * The tree of a document; see `readWbxml`. One loop over local variables, since calls and fields would cost as much
 * as the work itself. Every index is compared with `end` just before its use, hence the `!`.
 */
export function readTree(document: Uint8Array, maxBytes: number): Element {
  checkHeader(document, maxBytes)
  const bytes = bufferOf(document)
  const end = bytes.length
  const top: OpenElement = { tag: 0, children: [] }
  const open: OpenElement[] = []
  let inner = top
  // True while the innermost element holds text: no element may follow in it.
  let texts = false
  let nodes = 0
  let page = 0
  let at = 4
  while (at < end) {
    const token = bytes[at++]!
    const low = token & 0x3f
    if (low > 4 && token < 0x80) {
      if (texts) throw malformed(at - 1, 'an element beside text')
      if (++nodes > maxNodes) throw excessive(at - 1, `${maxNodes} nodes`)
      if (token < withContent) {
        inner.children.push({ tag: page | low, children: [] })
        if (inner === top) return whole(top, at, end)
        continue
      }
      if (open.length === maxDepth) throw excessive(at - 1, `${maxDepth} levels`)
      const inline = at < end && bytes[at] === inlineString
      // Nearly every element with content is a leaf with one text: it is finished here, without another round.
      const text = inline ? readText(bytes, at + 1, end) : ''
      const child: OpenElement = { tag: page | low, children: text === '' ? [] : [text] }
      inner.children.push(child)
      if (inline) at = pieceEnd
      if (inline && at < end && bytes[at] === endOfElement) {
        at++
        if (inner === top) return whole(top, at, end)
        continue
      }
      texts = inline
      open.push(inner)
      inner = child
    } else if (token === endOfElement) {
      const parent = open.pop()
      if (!parent) throw malformed(at - 1, 'an end without a beginning')
      inner = parent
      texts = false
      if (inner === top) return whole(top, at, end)
    } else if (token === switchPage) {
      if (at < end) page = bytes[at++]! << 6
    } else if (token === inlineString || token === opaqueBytes) {
      if (inner === top) throw malformed(at - 1, 'text outside of the root')
      if (!texts && inner.children.length > 0) throw malformed(at - 1, 'text beside an element')
      if (++nodes > maxNodes) throw excessive(at - 1, `${maxNodes} nodes`)
      texts = true
      const piece = token === inlineString ? readText(bytes, at, end) : readOpaque(bytes, at)
      at = pieceEnd
      if (piece !== '') inner.children.push(piece)
    } else throw strayToken(at - 1, token)
  }
  throw malformed(end, 'document ends early')
}

/** Where the piece that was read last ended: after its NUL, or its last byte. */
let pieceEnd = 0

function readText(bytes: Buffer, start: number, end: number): string {
  const near = end < start + nearBytes ? end : start + nearBytes
  let at = start
  let seen = 0
  while (at < near) {
    const byte = bytes[at]!
    if (byte === 0) {
      pieceEnd = at + 1
      if (seen < 0x80 && at - start <= shortText) return asciiText(bytes, start, at - start)
      return decodeText(bytes, start, at)
    }
    seen |= byte
    at++
  }
  const stop = bytes.indexOf(0, at)
  if (stop < 0) throw malformed(start, 'a string without end')
  pieceEnd = stop + 1
  return decodeText(bytes, start, stop)
}

/** A view, not a copy: attachments may be large. */
function readOpaque(bytes: Buffer, start: number): Uint8Array {
  const length = readLength(bytes, start)
  if (length > bytes.length - lengthEnd) throw malformed(start, 'opaque bytes beyond the end')
  pieceEnd = lengthEnd + length
  return new Uint8Array(bytes.buffer, bytes.byteOffset + lengthEnd, length)
}

function whole(top: OpenElement, at: number, end: number): Element {
  if (at < end) throw malformed(at, 'bytes after the root')
  // Nothing but the root, an element, was put into `top`.
  return top.children[0] as Element
}
