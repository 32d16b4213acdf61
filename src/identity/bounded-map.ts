/** A map that drops what was set longest ago when it is full. */
export interface BoundedMap<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
  readonly size: number
}

/** Holds at most `most` entries. */
export function createBoundedMap<V>(
  most: number,
  dropped?: (key: string, value: V) => void,
): BoundedMap<V> {
  const entries = new Map<string, V>()
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      entries.delete(key)
      if (entries.size >= most) {
        const oldest = entries.entries().next()
        if (!oldest.done) {
          entries.delete(oldest.value[0])
          dropped?.(...oldest.value)
        }
      }
      entries.set(key, value)
    },
    delete: (key) => void entries.delete(key),
    get size() {
      return entries.size
    },
  }
}
