import { limits } from '../base/limits.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Store } from '../store/store.ts'
import { type ClientState, findClient, removeClient, saveClient } from './records.ts'

/** The states of clients: durable, and in memory for those that were here lately. */
export interface Clients {
  /** `fresh` reads the store: another node may have written since. */
  state(partnership: PartnershipId, fresh?: 'fresh'): Promise<ClientState>
  /** What is in memory. */
  remembered(partnership: PartnershipId): ClientState | undefined
  /** Durable before it resolves. `next` sees the newest state; when it returns the same, nothing is written. */
  change(
    partnership: PartnershipId,
    next: (state: ClientState) => ClientState,
  ): Promise<ClientState>
  forget(partnership: string): Promise<void>
}

/** Keeps the states of up to `limits.gatewayClients` clients in memory, the oldest leaving first. */
export function createClients(store: Store): Clients {
  const known = new Map<string, ClientState>()
  const keep = (partnership: string, state: ClientState): ClientState => {
    if (known.size >= limits.gatewayClients.value && !known.has(partnership)) {
      const [oldest] = known.keys()
      if (oldest !== undefined) known.delete(oldest)
    }
    known.set(partnership, state)
    return state
  }
  return {
    remembered: (partnership) => known.get(partnership),
    async state(partnership, fresh) {
      const remembered = fresh ? undefined : known.get(partnership)
      return remembered ?? keep(partnership, await findClient(store.db, partnership))
    },
    async change(partnership, next) {
      const changed = await store.transact(async (tx) => {
        const was = await findClient(tx, partnership)
        const state = next(was)
        if (state !== was) await saveClient(tx, partnership, state)
        return state
      })
      return keep(partnership, changed)
    },
    async forget(partnership) {
      known.delete(partnership)
      await removeClient(store.db, partnership)
    },
  }
}
