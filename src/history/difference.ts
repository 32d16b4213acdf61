import { canonicalJson, speaksForItself } from './canonical.ts'
import type { EntryDraft, PropertyDifference, ThingKind } from './entry.ts'

/** Something that is changed as one. */
export interface Thing {
  readonly id: string
  readonly name: string
  /** What it says, without what a server notes of it: dates, versions, its id. */
  readonly value: object
}

/**
 * What became of the things of one kind, told by their ids; nothing of those that say the same as before. What stands in both
 * lists is not looked at.
 */
export function changesBetween<T extends object>(
  kind: ThingKind,
  before: readonly T[],
  after: readonly T[],
  thingOf: (one: T) => Thing,
): readonly EntryDraft[] {
  const stays = new Set(before).intersection(new Set(after))
  const moved = (all: readonly T[]) => all.filter((one) => !stays.has(one)).map(thingOf)
  const old = new Map(moved(before).map((thing) => [thing.id, thing]))
  const changes: EntryDraft[] = []
  for (const { id, name, value } of moved(after)) {
    const was = old.get(id)
    old.delete(id)
    const what = { kind, id, name } as const
    if (!was) changes.push({ ...what, change: 'created', difference: wholeOf('after', value) })
    // Most that is read anew is the same text.
    else if (JSON.stringify(was.value) !== JSON.stringify(value)) {
      const difference = differenceOf(was.value, value)
      if (difference.length > 0) changes.push({ ...what, change: 'changed', difference })
    }
  }
  for (const { id, name, value } of old.values())
    changes.push({ kind, id, name, change: 'deleted', difference: wholeOf('before', value) })
  return changes
}

/** By which properties two values differ, in the order of their names. Null is as good as absent, and lists are sets. */
export function differenceOf(before: unknown, after: unknown): readonly PropertyDifference[] {
  return compare(before ?? undefined, after ?? undefined, '$')
}

function wholeOf(side: 'before' | 'after', value: object): readonly PropertyDifference[] {
  return namesOf(value).map((name) => ({ path: step('$', name), [side]: memberOf(value, name) }))
}

function compare(before: unknown, after: unknown, path: string): readonly PropertyDifference[] {
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, path)
  if (isObject(before) && isObject(after)) {
    const names = new Set([...namesOf(before), ...namesOf(after)])
    return [...names]
      .sort()
      .flatMap((name) => compare(memberOf(before, name), memberOf(after, name), step(path, name)))
  }
  if (canonicalJson(before) === canonicalJson(after)) return []
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }]
}

/** Items that have a name of their own are compared one by one; of others is told which went and which came. */
function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
): readonly PropertyDifference[] {
  const named = namedLists(before, after)
  if (named) {
    const keys = new Set([...named.before.keys(), ...named.after.keys()])
    return [...keys].flatMap((key) =>
      compare(
        named.before.get(key),
        named.after.get(key),
        `${path}[?@.${named.property}==${quoted(key)}]`,
      ),
    )
  }
  const [went, came] = [without(before, after), without(after, before)]
  if (went.length === 0 && came.length === 0) return []
  return [
    {
      path: `${path}[*]`,
      ...(went.length > 0 && { before: went }),
      ...(came.length > 0 && { after: came }),
    },
  ]
}

/** Counts: a list may hold an item twice. */
function without(list: readonly unknown[], other: readonly unknown[]): readonly unknown[] {
  const counts = new Map<string, number>()
  for (const item of other) {
    const text = canonicalJson(item)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return list.filter((item) => {
    const text = canonicalJson(item)
    const left = counts.get(text) ?? 0
    counts.set(text, left - 1)
    return left <= 0
  })
}

const naming = ['id', 'name', 'user', 'locale'] as const

function namedLists(before: readonly unknown[], after: readonly unknown[]) {
  for (const property of naming) {
    const lists = [before, after].map((list) => byName(list, property))
    const [was, is] = lists
    if (was && is && was.size + is.size > 0) return { property, before: was, after: is }
  }
  return undefined
}

function byName(
  list: readonly unknown[],
  property: string,
): ReadonlyMap<string, unknown> | undefined {
  const named = new Map<string, unknown>()
  for (const item of list) {
    const name = isObject(item) ? item[property] : undefined
    if (typeof name !== 'string' || named.has(name)) return undefined
    named.set(name, item)
  }
  return named
}

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !speaksForItself(value)

const memberOf = (value: object, name: string): unknown =>
  // One of its own names: what every object inherits, a policy may well be called.
  Object.hasOwn(value, name) ? ((value as Json)[name] ?? undefined) : undefined

const namesOf = (value: object): readonly string[] =>
  Object.keys(value)
    .filter((name) => memberOf(value, name) !== undefined)
    .sort()

const step = (path: string, name: string): string =>
  /^[A-Za-z_]\w*$/.test(name) ? `${path}.${name}` : `${path}[${quoted(name)}]`

/** A string literal of RFC 9535, in single quotes. */
const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
