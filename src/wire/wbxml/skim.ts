import {
  checkHeader,
  excessive,
  form,
  lengthEnd,
  malformed,
  readLength,
  strayToken,
} from './form.ts'
import type { Tag, Visit } from './wbxml.ts'

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

/** What stands so far inside the innermost element. */
const nothing = 0
const text = 1
const elements = 2

/**
 * Walks a document; see `skimWbxml`. No stack is needed: text stands only in elements without children, so the tag
 * of a text is always the one that was opened last. Every index is compared with `end` before its use, hence the `!`.
 */
export function skim(bytes: Uint8Array, maxBytes: number, only: Tag, visit: Visit): Tag {
  checkHeader(bytes, maxBytes)
  const end = bytes.length
  let root = 0
  let tag = 0
  let inside = nothing
  let depth = 0
  let nodes = 0
  let page = 0
  let at = 4
  while (at < end) {
    const token = bytes[at++]!
    const low = token & 0x3f
    if (low > 4 && token < 0x80) {
      if (inside === text) throw malformed(at - 1, 'an element beside text')
      if (++nodes > maxNodes) throw excessive(at - 1, `${maxNodes} nodes`)
      tag = page | low
      if (depth === 0) root = tag
      if (token < withContent) {
        if (only < 0 || tag === only) visit(tag, at, at, true)
        if (depth === 0) return whole(root, at, end)
        inside = elements
        continue
      }
      if (depth++ === maxDepth) throw excessive(at - 1, `${maxDepth} levels`)
      inside = nothing
      if (at === end || bytes[at] !== inlineString) continue
      // Nearly every element with content is a leaf with one text: it is finished here, without another round.
      const stop = textEnd(bytes, ++at, end)
      if (only < 0 || tag === only) visit(tag, at, stop, true)
      at = stop + 1
      inside = text
      if (at === end || bytes[at] !== endOfElement) continue
      at++
    } else if (token === endOfElement) {
      if (depth === 0) throw malformed(at - 1, 'an end without a beginning')
      if (inside === nothing && (only < 0 || tag === only)) visit(tag, at - 1, at - 1, true)
    } else if (token === switchPage) {
      if (at < end) page = bytes[at++]! << 6
      continue
    } else if (token === inlineString || token === opaqueBytes) {
      if (depth === 0) throw malformed(at - 1, 'text outside of the root')
      if (inside === elements) throw malformed(at - 1, 'text beside an element')
      if (++nodes > maxNodes) throw excessive(at - 1, `${maxNodes} nodes`)
      const inline = token === inlineString
      const start = inline ? at : opaqueStart(bytes, at)
      const stop = inline ? textEnd(bytes, at, end) : opaqueEnd
      if (only < 0 || tag === only) visit(tag, start, stop, inside === nothing)
      at = inline ? stop + 1 : stop
      inside = text
      continue
    } else throw strayToken(at - 1, token)
    // An element ended.
    inside = elements
    if (--depth === 0) return whole(root, at, end)
  }
  throw malformed(end, 'document ends early')
}

function textEnd(bytes: Uint8Array, start: number, end: number): number {
  const near = end < start + nearBytes ? end : start + nearBytes
  let at = start
  while (at < near && bytes[at] !== 0) at++
  if (at < near) return at
  const stop = bytes.indexOf(0, at)
  if (stop < 0) throw malformed(start, 'a string without end')
  return stop
}

let opaqueEnd = 0

function opaqueStart(bytes: Uint8Array, at: number): number {
  const length = readLength(bytes, at)
  if (length > bytes.length - lengthEnd) throw malformed(at, 'opaque bytes beyond the end')
  opaqueEnd = lengthEnd + length
  return lengthEnd
}

function whole(root: Tag, at: number, end: number): Tag {
  if (at < end) throw malformed(at, 'bytes after the root')
  return root
}
