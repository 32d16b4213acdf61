import type { Clock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { PartnershipId } from '../devices/devices.ts'

/** What is noted of clients in memory, on its way to the store. Nothing is decided by it: what cannot be written is lost. */
export interface Gathering<V> {
  /** Notes something of a client, from what is noted and not written yet. */
  note(partnership: PartnershipId, next: (unwritten: V | undefined) => V): void
  /** Writes what is not written yet. */
  stop(): Promise<void>
}

/** Writes together what was noted within some seconds of the first note. */
export function createGathering<V>(
  { clock, log, event }: { clock: Clock; log: Log; event: string },
  write: (leaving: ReadonlyMap<PartnershipId, V>) => Promise<void>,
): Gathering<V> {
  let unwritten = new Map<PartnershipId, V>()
  let cancel: (() => void) | undefined

  async function flush(): Promise<void> {
    cancel?.()
    cancel = undefined
    const leaving = unwritten
    unwritten = new Map()
    if (leaving.size > 0) await write(leaving)
  }

  return {
    note(partnership, next) {
      unwritten.set(partnership, next(unwritten.get(partnership)))
      cancel ??= clock.after(limits.requestCountDelayMs.value, () => {
        flush().catch((thrown: unknown) => log.error(event, thrown))
      })
    },
    stop: flush,
  }
}
