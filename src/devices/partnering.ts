import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { UserId } from '../directory/directory.ts'
import type { Store, Tx } from '../store/store.ts'
import type { Contacts } from './contacts.ts'
import type { EasIdentity, Partnership, PartnershipId } from './devices.ts'
import {
  cleanIdentity,
  foldDeviceId,
  looksTheSame,
  mergeIdentity,
  tellsNothingNew,
} from './eas-identity.ts'
import { easFacts, mergeFacts } from './facts.ts'
import type { Known } from './known.ts'
import * as records from './records.ts'

interface Given {
  readonly store: Store
  readonly clock: Clock
  readonly known: Known
  readonly contacts: Contacts
  readonly newPartnershipId: () => PartnershipId
  /** Resolves once the index hears of changes by other nodes; nothing may be kept in it before. */
  readonly listen: () => Promise<void>
}

/** Makes `partner`: two lookups in memory for a client that is known and has not changed, else the store. */
export function createPartnering(given: Given) {
  const { known } = given
  /** Clients that are being looked up or written, so that ten requests of a new phone start one partnership. */
  const pending = new Map<string, Promise<Partnership>>()

  return async (user: UserId, told: EasIdentity): Promise<Partnership> => {
    const folded = foldDeviceId(told.deviceId)
    const quick = known.get(user, folded)
    if (quick && tellsNothingNew(quick.eas, told)) return quick
    const eas = cleanIdentity(told)
    const key = `${user} ${folded}`
    for (;;) {
      const running = pending.get(key)
      const found = running ? await running : known.get(user, folded)
      if (found && tellsNothingNew(found.eas, eas)) return found
      if (!running) break
    }
    const work = settle(given, user, folded, eas).finally(() => pending.delete(key))
    pending.set(key, work)
    return await work
  }
}

async function settle(
  given: Given,
  user: UserId,
  folded: string,
  eas: EasIdentity,
): Promise<Partnership> {
  const { store, known, contacts } = given
  await given.listen()
  const mark = known.mark()
  const found = await records.findClient(store.db, user, folded)
  // Asked without a transaction first: a client that invents ids must not keep the one writer busy.
  if (!found) await checkRoom(store.db, user)
  const settled =
    found && tellsNothingNew(found.eas, eas)
      ? found
      : await store.transact((tx) => write(given, tx, user, folded, eas))
  const partnership = contacts.apply(settled)
  known.put(folded, partnership, mark)
  return partnership
}

/** Starts the partnership, or changes it: another node may have done either since it was looked up. */
async function write(
  given: Given,
  tx: Tx,
  user: UserId,
  folded: string,
  eas: EasIdentity,
): Promise<Partnership> {
  const now = given.clock.now()
  const found = await records.findClient(tx, user, folded)
  if (!found) {
    await checkRoom(tx, user)
    const id = given.newPartnershipId()
    const facts = easFacts({}, eas, now)
    const started: Partnership = { id, user, eas, firstSeenAt: now, lastSeenAt: now, facts }
    await records.insertPartnership(tx, started, folded)
    await given.store.journal.append(tx, 'partnership.started', { partnership: id, user })
    return started
  }
  if (tellsNothingNew(found.eas, eas)) return found
  const same = looksTheSame(found.eas, eas)
  const identity = mergeIdentity(found.eas, eas)
  const changed: Partnership = {
    ...found,
    eas: identity,
    facts: same ? found.facts : mergeFacts(found.facts, platformOf(identity, found, now)),
  }
  await records.updatePartnership(tx, changed)
  if (!same) {
    const { id, device } = changed
    const body = { partnership: id, user, ...(device && { device }) }
    await given.store.journal.append(tx, 'partnership.changed', body)
  }
  return changed
}

/** The platform by the new type and user agent, together with what the client told of its system before. */
function platformOf(eas: EasIdentity, { facts }: Partnership, now: number) {
  return easFacts({ os: facts.operatingSystem?.value, model: facts.model?.value }, eas, now)
}

async function checkRoom(db: Store['db'], user: UserId): Promise<void> {
  const { value } = limits.easDevicesPerUser
  if ((await records.countPartnerships(db, user)) >= value)
    throw new Failure('limit.exceeded', `easDevicesPerUser: ${value} EAS clients of one user`)
}
