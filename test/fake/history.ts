import { type Clock, systemClock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { createHistory, type History } from '../../src/history/history.ts'
import type { Store } from '../../src/store/store.ts'

/** Keys that last as long as the test; two histories that share them are two nodes of one site. */
export function keysInMemory(): Parameters<typeof createHistory>[0]['keys'] {
  const kept = new Map<string, string>()
  return {
    read: async (name) => kept.get(name),
    async write(name, pem, once = false) {
      if (!once || !kept.has(name)) kept.set(name, pem)
    },
  }
}

/** A history over this store, really signed. */
export function openHistory(
  store: Store,
  {
    clock = systemClock,
    log = silentLog,
    keys = keysInMemory(),
  }: { clock?: Clock; log?: Log; keys?: ReturnType<typeof keysInMemory> } = {},
): Promise<History> {
  return createHistory({ store, keys, clock, log })
}
