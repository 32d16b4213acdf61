import type { Clock, Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Store } from '../store/store.ts'
import type { Contacted, PartnershipId } from './devices.ts'
import { writeContacts } from './records.ts'

/** When a client was last there. */
export interface Contact {
  readonly partnership: PartnershipId
  readonly seenAt: Instant
  readonly successAt: Instant | undefined
}

/** Times of contact that are not in the store yet: noted for nothing, written together. */
export interface Contacts {
  note(partnership: PartnershipId, at: Instant, success: boolean): void
  /** The partnership with what is noted of it. */
  apply<P extends Contacted>(partnership: P): P
  forget(partnership: PartnershipId): void
  /** Writes the rest; nothing is noted afterwards. Throws when it cannot be written. */
  stop(): Promise<void>
}

/** Writes what is noted within a second of the first note; what fails is logged and tried again. */
export function createContacts(given: { store: Store; clock: Clock; log: Log }): Contacts {
  const { store, clock, log } = given
  const noted = new Map<PartnershipId, Contact>()
  /** On their way to the store, and still needed: a reader may come before the commit. */
  let leaving: ReadonlyMap<PartnershipId, Contact> = new Map()
  let flushing: Promise<void> = Promise.resolve()
  let cancel: (() => void) | undefined
  let stopped = false

  const schedule = (delayMs: number) => {
    if (stopped || cancel) return
    cancel = clock.after(delayMs, () => {
      cancel = undefined
      flush().catch((thrown: unknown) => log.error('devices.contacts', thrown))
    })
  }

  const writeSome = async () => {
    if (noted.size === 0) return
    leaving = new Map([...noted].slice(0, limits.contactBatch.value))
    for (const partnership of leaving.keys()) noted.delete(partnership)
    try {
      await store.transact((tx) => writeContacts(tx, [...leaving.values()]))
      // The rest soon, but with room for other work in between.
      if (noted.size > 0) schedule(0)
    } catch (thrown) {
      // Back to the rest, under what came meanwhile.
      for (const contact of leaving.values())
        noted.set(contact.partnership, join(contact, noted.get(contact.partnership)))
      schedule(limits.contactDelayMs.value)
      throw thrown
    } finally {
      leaving = new Map()
    }
  }

  const flush = () => {
    // One after the other; an earlier failure was told to whoever asked for that one.
    flushing = flushing.then(writeSome, writeSome)
    return flushing
  }

  return {
    note(partnership, at, success) {
      if (stopped) return
      const contact = { partnership, seenAt: at, successAt: success ? at : undefined }
      noted.set(partnership, join(contact, noted.get(partnership)))
      schedule(limits.contactDelayMs.value)
    },
    apply(partnership) {
      const older = leaving.get(partnership.id)
      const newer = noted.get(partnership.id)
      const contact = older ? join(older, newer) : newer
      return contact ? withContact(partnership, contact) : partnership
    },
    forget: (partnership) => void noted.delete(partnership),
    async stop() {
      stopped = true
      cancel?.()
      cancel = undefined
      do await flush()
      while (noted.size > 0)
    },
  }
}

function join(a: Contact, b: Contact | undefined): Contact {
  if (!b) return a
  const { partnership, seenAt, successAt } = a
  const success =
    successAt !== undefined && b.successAt !== undefined
      ? Math.max(successAt, b.successAt)
      : (successAt ?? b.successAt)
  return { partnership, seenAt: Math.max(seenAt, b.seenAt), successAt: success }
}

/** Times only ever move on. */
export function withContact<P extends Contacted>(
  partnership: P,
  { seenAt, successAt }: Pick<Contact, 'seenAt' | 'successAt'>,
): P {
  const { lastSeenAt, lastSuccessSyncAt } = partnership
  // Two contacts of one request fall into the same millisecond.
  if (seenAt <= lastSeenAt && (successAt === undefined || successAt <= (lastSuccessSyncAt ?? -1)))
    return partnership
  const seen = { ...partnership, lastSeenAt: Math.max(lastSeenAt, seenAt) }
  if (successAt === undefined) return seen
  return { ...seen, lastSuccessSyncAt: Math.max(lastSuccessSyncAt ?? 0, successAt) }
}
