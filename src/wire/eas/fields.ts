import { Failure } from '../../base/failures.ts'
import { tagName } from '../wbxml/tokens.ts'
import { type Element, find, type Tag, textOf } from '../wbxml/wbxml.ts'

/** Refuses a document whose root is another one than the command's: the query said one thing, the body another. */
export function expectRoot(root: Element, ...tags: readonly Tag[]): void {
  if (!tags.includes(root.tag))
    throw new Failure(
      'request.malformed',
      `root is ${nameOf(root.tag)}, not ${tags.map(nameOf).join(' or ')}`,
    )
}

/** The text at the end of a path, or request.malformed when it is absent or empty. */
export function requiredText(parent: Element, ...path: readonly Tag[]): string {
  const text = textOf(parent, ...path)
  if (!text)
    throw new Failure(
      'request.malformed',
      `${nameOf(path.at(-1) ?? 0)} is missing in ${nameOf(parent.tag)}`,
    )
  return text
}

/** The decimal number at the end of a path; `undefined` when absent or empty, request.malformed when it is something else. */
export function wholeNumber(parent: Element, ...path: readonly Tag[]): number | undefined {
  const text = textOf(parent, ...path)?.trim()
  if (!text) return undefined
  if (!/^\d{1,10}$/.test(text))
    throw new Failure('request.malformed', `${nameOf(path.at(-1) ?? 0)} is not a number`)
  return Number(text)
}

/** A boolean as EAS writes it: `1` or an empty tag is true, `0` false; `otherwise` when the tag is absent. */
export function flag(parent: Element, tag: Tag, otherwise: boolean): boolean {
  const text = textOf(parent, tag)
  return text === undefined ? otherwise : text.trim() !== '0'
}

/** Whether the element exists at all. */
export function has(parent: Element, ...path: readonly Tag[]): boolean {
  return find(parent, ...path) !== undefined
}

/** `1` or `0`. */
export function bit(value: boolean): string {
  return value ? '1' : '0'
}

function nameOf(tag: Tag): string {
  return tagName(tag) ?? `tag ${tag >> 6}/${tag & 0x3f}`
}
