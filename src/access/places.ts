import type { Clock, Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Store } from '../store/store.ts'
import { createGathering } from './gathering.ts'
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
  const noted = new Map<PartnershipId, { readonly address: string; readonly at: Instant }>()
  const { note, stop } = createGathering<ReadonlyMap<string, Instant>>(
    { clock, log, event: 'access.places' },
    (leaving) =>
      store.transact(async (tx) => {
        await savePlaces(tx, leaving)
        await prunePlaces(tx, {
          partnerships: [...leaving.keys()],
          most: limits.placesKept.value,
          before: clock.now() - limits.placesKeptMs.value,
        })
      }),
  )

  return {
    seen(partnership, address) {
      const now = clock.now()
      const last = noted.get(partnership)
      if (last?.address === address && now - last.at < limits.placesNoteMs.value) return
      noted.set(partnership, { address, at: now })
      note(partnership, (places = new Map()) =>
        // Between two writes a client comes from one place or two; one that pretends more is not believed.
        places.size < limits.placesKept.value || places.has(address)
          ? new Map([...places, [address, now]])
          : places,
      )
    },
    stop,
  }
}
