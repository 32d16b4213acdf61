import { assert } from '../../base/failures.ts'
import { form, header } from './form.ts'
import type { Content, Element } from './wbxml.ts'

const { endOfElement, inlineString, maxDepth, opaqueBytes, switchPage, withContent } = form

/*
 * Documents are written into one kept buffer and copied out at their final size. Nothing is called while writing that
 * could begin another document, so module variables are safe, and they spare an object per call.
 */
const keptBytes = 65_536
let out: Buffer = Buffer.allocUnsafe(keptBytes)
let at = 0
let page = 0

/** The bytes of a document; see `writeWbxml`. */
export function writeTree(root: Element): Uint8Array {
  for (at = 0; at < header.length; at++) out[at] = header[at] ?? 0
  page = 0
  writeElement(root, 1)
  const document = Buffer.allocUnsafe(at)
  out.copy(document, 0, 0, at)
  if (out.length > 16 * keptBytes) out = Buffer.allocUnsafe(keptBytes)
  return document
}

function writeElement(element: Element, depth: number): void {
  assert(depth <= maxDepth, 'wbxml: written deeper than it could be read')
  const { tag, children } = element
  reserve(4)
  if (tag >> 6 !== page) {
    page = tag >> 6
    out[at++] = switchPage
    out[at++] = page
  }
  if (children.length === 0) {
    out[at++] = tag & 0x3f
    return
  }
  out[at++] = (tag & 0x3f) | withContent
  for (const child of children) writeContent(child, depth)
  reserve(1)
  out[at++] = endOfElement
}

function writeContent(content: Content, depth: number): void {
  if (typeof content === 'string') writeText(content)
  else if (content instanceof Uint8Array) writeOpaque(content)
  else writeElement(content, depth + 1)
}

/** Short text goes character by character: a call into the engine costs as much as 20 of them. */
function writeText(text: string): void {
  const length = text.length
  // Three bytes a character at most; a large text is measured, since so much room is not to be had for nothing.
  reserve((length < 65_536 ? length * 3 : Buffer.byteLength(text) + nulRoom(text)) + 2)
  out[at++] = inlineString
  const start = at
  if (length <= 24) {
    let i = 0
    for (; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f || code === 0) break
      out[at++] = code
    }
    if (i === length) {
      out[at++] = 0
      return
    }
    at = start
  }
  // A NUL would end the string early and turn the rest into tokens of the sender's choice.
  const safe = text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text
  at += out.write(safe, at, 'utf8')
  out[at++] = 0
}

/** What replacing its NULs adds to the size of a text. */
function nulRoom(text: string): number {
  return text.includes('\0') ? text.length * 2 : 0
}

function writeOpaque(bytes: Uint8Array): void {
  reserve(bytes.length + 6)
  out[at++] = opaqueBytes
  for (let shift = 28; shift > 0; shift -= 7) {
    if (bytes.length >>> shift > 0) out[at++] = ((bytes.length >>> shift) & 0x7f) | 0x80
  }
  out[at++] = bytes.length & 0x7f
  out.set(bytes, at)
  at += bytes.length
}

function reserve(count: number): void {
  if (at + count <= out.length) return
  const larger = Buffer.allocUnsafe(Math.max(out.length * 2, at + count))
  out.copy(larger, 0, 0, at)
  out = larger
}
