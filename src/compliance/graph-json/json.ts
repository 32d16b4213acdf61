/** An object out of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The prefix of Graph's type names. */
export const graphPrefix = '#microsoft.graph.'

/** Whether this is an object, and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Null, false, empty text and empty list say nothing: Graph writes them for what is not configured. */
export function saysNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  return value === null || value === undefined || value === false || value === ''
}

/** OData's remarks about other properties, and links to actions: no content of the policy. */
export function isAnnotation(key: string): boolean {
  return key.includes('@odata.') || key.startsWith('#')
}

/** The same without annotations and without what says nothing, all the way down; `@odata.type` stays where asked for. */
export function stripped(value: unknown, keepTypes = false): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => stripped(item, keepTypes))
  if (!isObject(value)) return value
  const kept = Object.entries(value)
    .filter(([key]) => !isAnnotation(key) || (keepTypes && key === '@odata.type'))
    .map(([key, item]) => [key, stripped(item, keepTypes)] as const)
    .filter(([, item]) => !saysNothing(item))
  return Object.fromEntries(kept)
}

/** Lists as they are, anything else as none. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
