/**
 * The one JSON text of a value: names in the order of their UTF-16 units, no white space, numbers and strings as ECMAScript
 * writes them (RFC 8785 section 3.2). What is `undefined` is left out, as JSON leaves it out.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(itemJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`)
  return `{${members.join(',')}}`
}

const itemJson = (item: unknown): string => (item === undefined ? 'null' : canonicalJson(item))

/** Whether it says itself how it is written, as a secret does. */
export const speaksForItself = (value: object): boolean =>
  'toJSON' in value && typeof value.toJSON === 'function'

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !speaksForItself(value)
}
