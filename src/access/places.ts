import type { Clock, Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Store } from '../store/store.ts'
import { prunePlaces, savePlaces } from './records.ts'

/** Where clients came from, for what asks later: what would other policies have said of it? */
export interface Places {
  /** A request of this client came from there. */
  seen(partnership: PartnershipId, address: string): void
  /** Writes what is not written yet. */
  stop(): Promise<void>
}

/** Notes places in memory, and writes them now and then: nothing is decided by them. */
export function createPlaces({
  store,
  clock,
  log,
}: {
  store: Store
  clock: Clock
  log: Log
}): Places {
  let unwritten = new Map<PartnershipId, Map<string, Instant>>()
  const noted = new Map<PartnershipId, { readonly address: string; readonly at: Instant }>()
  let cancel: (() => void) | undefined

  async function flush(): Promise<void> {
    cancel?.()
    cancel = undefined
    const leaving = unwritten
    unwritten = new Map()
    if (leaving.size === 0) return
    await store.transact(async (tx) => {
      await savePlaces(tx, leaving)
      await prunePlaces(tx, {
        partnerships: [...leaving.keys()],
        most: limits.placesKept.value,
        before: clock.now() - limits.placesKeptMs.value,
      })
    })
  }

  return {
    seen(partnership, address) {
      const now = clock.now()
      const last = noted.get(partnership)
      if (last?.address === address && now - last.at < limits.placesNoteMs.value) return
      noted.set(partnership, { address, at: now })
      let places = unwritten.get(partnership)
      if (!places) {
        places = new Map()
        unwritten.set(partnership, places)
      }
      // Between two writes a client comes from one place or two; one that pretends more is not believed.
      if (places.size < limits.placesKept.value || places.has(address)) places.set(address, now)
      cancel ??= clock.after(limits.requestCountDelayMs.value, () => {
        flush().catch((thrown: unknown) => log.error('access.places', thrown))
      })
    },
    stop: flush,
  }
}
