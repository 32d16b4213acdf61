/** One property that differs; what is absent on a side is `undefined` there. */
export interface PropertyChange {
  /** In the way of `conditions.users.includeGroups`. */
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
}

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The properties by which two documents differ, in the order of their names. Null is as good as absent, and lists are sets:
 * no list of a policy has an order that means something.
 */
export function differences(before: unknown, after: unknown): readonly PropertyChange[] {
  return compare(normal(before), normal(after), '')
}

function compare(before: unknown, after: unknown, path: string): readonly PropertyChange[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return keys.flatMap((key) =>
      compare(before[key], after[key], path === '' ? key : `${path}.${key}`),
    )
  }
  // Most lists of objects hold one, as `scheduledActionsForRule` does.
  if (isSingle(before) && isSingle(after)) return compare(before[0], after[0], `${path}[0]`)
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }]
}

const isSingle = (value: unknown): value is readonly [Json] =>
  Array.isArray(value) && value.length === 1 && isObject(value[0])

/** The same without nulls, names and lists in one order. */
export function normal(value: unknown): unknown {
  if (Array.isArray(value)) {
    const keyed = value.map(normal).map((item) => [JSON.stringify(item), item] as const)
    return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, item]) => item)
  }
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined)
  kept.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(kept.map(([key, inner]) => [key, normal(inner)]))
}
