/** What undoing gives, and the places that stay since somebody changed them meanwhile. */
export interface Undone<T> {
  readonly value: T
  readonly kept: readonly string[]
}

type Json = unknown

/**
 * Takes a change from `before` to `after` back out of `now`: what `now` still has as `after` becomes as `before`, the rest
 * stays and is named. Properties are told apart, and items of a list by their `id`, `name` or `user`.
 */
export function undo<T>({ before, after, now }: { before: T; after: T; now: T }): Undone<T> {
  const kept: string[] = []
  const value = merge(before, after, now, '', kept)
  return { value: value as T, kept } // of the same shape, piece by piece
}

function merge(before: Json, after: Json, now: Json, place: string, kept: string[]): Json {
  if (isSame(before, after)) return now
  if (isSame(now, after)) return before
  if (isSame(now, before)) return now
  const lists = [before, after, now].map(byKey)
  const [was, became, is] = lists
  if (was && became && is)
    return mergeNamed(was, became, is, (key) => `${place}[${key}]`, kept).map(([, item]) => item)
  if (isPlain(before) && isPlain(after) && isPlain(now)) {
    const [own, changed, current] = [before, after, now].map(
      (each) => new Map(Object.entries(each)),
    )
    if (own && changed && current)
      return Object.fromEntries(
        mergeNamed(own, changed, current, (key) => (place ? `${place}.${key}` : key), kept),
      )
  }
  kept.push(place)
  return now
}

type Named = ReadonlyMap<string, Json>

/** In the order of now, then what comes back. */
function mergeNamed(
  before: Named,
  after: Named,
  now: Named,
  placeOf: (key: string) => string,
  kept: string[],
): [string, Json][] {
  const keys = new Set([...now.keys(), ...before.keys()])
  const merged: [string, Json][] = []
  for (const key of keys) {
    const item = merge(before.get(key), after.get(key), now.get(key), placeOf(key), kept)
    if (item !== undefined) merged.push([key, item])
  }
  return merged
}

/** A list by the names of its items, where each has one of its own. */
function byKey(value: Json): Named | undefined {
  if (!Array.isArray(value)) return undefined
  const named = new Map<string, Json>()
  const items: readonly Json[] = value
  for (const item of items) {
    const key = keyOf(item)
    if (key === undefined || named.has(key)) return undefined
    named.set(key, item)
  }
  return named
}

function keyOf(item: Json): string | undefined {
  if (!isPlain(item)) return undefined
  const key = item['id'] ?? item['name'] ?? item['user']
  return typeof key === 'string' ? key : undefined
}

const isPlain = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** JSON of the same text; who writes keys in another order has changed nothing, but is taken to have. */
const isSame = (a: Json, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b)
