import { limits } from '../../base/limits.ts'
import { readTree } from './read.ts'
import { skim } from './skim.ts'
import { pieceOfText } from './text.ts'
import { writeTree } from './write.ts'

/** A tag of the EAS code pages: `page << 6 | token`. Names are in `tokens.ts`, generated from the published tables. */
export type Tag = number

/** A tag and what it holds. Unknown tags are kept as they are: whoever reads takes what it knows. */
export interface Element {
  readonly tag: Tag
  readonly children: readonly Content[]
}

/** Text, opaque bytes, or an element. One element holds elements or text, never both (EAS has no mixed content). */
export type Content = Element | string | Uint8Array

/** What `element()` takes: a number becomes its decimal text; `undefined`, `false` and '' leave nothing. */
export type Loose = Content | number | undefined | false | readonly Element[]

/** Makes an element of a tag and its content. */
export function element(tag: Tag, ...content: readonly Loose[]): Element {
  const children: Content[] = []
  for (const part of content) {
    if (part === undefined || part === false || part === '') continue
    if (typeof part === 'number') children.push(String(part))
    else if (isList(part)) for (const one of part) children.push(one)
    else children.push(part)
  }
  return { tag, children }
}

function isList(part: Content | readonly Element[]): part is readonly Element[] {
  return Array.isArray(part)
}

function isElement(content: Content): content is Element {
  return typeof content === 'object' && !(content instanceof Uint8Array)
}

/**
 * Reads a whole document (MS-ASWBXML 2.1.2.1). Opaque content are views on `bytes`; empty text is no content.
 * Throws Failure `request.malformed` with the offset, or `limit.exceeded` (wbxmlBytes, wbxmlDepth, wbxmlNodes).
 */
export function readWbxml(bytes: Uint8Array, maxBytes: number = limits.wbxmlBytes.value): Element {
  return readTree(bytes, maxBytes)
}

/** Writes a document in the form that `readWbxml` takes. A NUL inside text becomes U+FFFD. */
export function writeWbxml(root: Element): Uint8Array {
  return writeTree(root)
}

/** Called for every piece of text and every empty element: its tag, its bytes, and whether it is the element's first piece. */
export type Visit = (tag: Tag, start: number, end: number, first: boolean) => void

/** For `skimWbxml`: visit every tag. */
export const everyTag = -1

/**
 * Walks a document without building a tree or a string, and returns the root's tag. `only` names the one tag that is
 * visited. It refuses what `readWbxml` refuses, but for ill-formed UTF-8; `visit` has then seen a part already.
 */
export function skimWbxml(
  bytes: Uint8Array,
  visit: Visit,
  only: Tag = everyTag,
  maxBytes: number = limits.wbxmlBytes.value,
): Tag {
  return skim(bytes, maxBytes, only, visit)
}

/** The text of every element of this tag at any depth, in order, '' where it is empty. Same failures as `readWbxml`. */
export function skimTexts(bytes: Uint8Array, tag: Tag): string[] {
  const found: string[] = []
  const take: Visit = (_tag, start, end, first) => {
    const text = pieceOfText(bytes, start, end)
    if (first) found.push(text)
    else found.push((found.pop() ?? '') + text)
  }
  skimWbxml(bytes, take, tag)
  return found
}

/** The first child, then grandchild, and so on along a path of tags. Never looks deeper: nothing can hide there. */
export function find(parent: Element, ...path: readonly Tag[]): Element | undefined {
  let current: Element | undefined = parent
  for (const tag of path) {
    current = childrenOf(current).find((child) => child.tag === tag)
    if (!current) return undefined
  }
  return current
}

/** All direct children of this tag. */
export function findAll(parent: Element, tag: Tag): readonly Element[] {
  return childrenOf(parent).filter((child) => child.tag === tag)
}

/** All direct children that are elements. */
export function childrenOf(parent: Element): readonly Element[] {
  return parent.children.filter(isElement)
}

/** The text at the end of a path: '' when the element is empty, `undefined` when it is absent. Opaque bytes count as UTF-8. */
export function textOf(parent: Element, ...path: readonly Tag[]): string | undefined {
  const target = find(parent, ...path)
  if (!target) return undefined
  let text = ''
  for (const piece of target.children) {
    if (typeof piece === 'string') text += piece
    else if (!isElement(piece)) text += pieceOfText(piece, 0, piece.length)
  }
  return text
}

/** The bytes at the end of a path, opaque or as text in UTF-8; `undefined` when the element is absent. */
export function bytesOf(parent: Element, ...path: readonly Tag[]): Uint8Array | undefined {
  const target = find(parent, ...path)
  if (!target) return undefined
  const pieces: Uint8Array[] = []
  for (const piece of target.children) {
    if (typeof piece === 'string') pieces.push(Buffer.from(piece, 'utf8'))
    else if (!isElement(piece)) pieces.push(piece)
  }
  return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
}
