import type { Clock, Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { newId } from '../base/id.ts'
import type { DeviceId, Devices } from '../devices/devices.ts'
import type { Directory, GroupId } from '../directory/directory.ts'
import type { Entry } from '../store/journal.ts'
import type { Store, Tx } from '../store/store.ts'
import type { Detail } from './detail.ts'
import type { Judgement, SiteCompliance } from './judge.ts'
import { createOwners, type Owners } from './owners.ts'
import type { CompliancePolicy, KeptPolicy, PolicyDraft } from './policy.ts'
import { checkPolicies } from './policy-check.ts'
import { renew } from './policy-set.ts'
import { findVerdict, readKept, readPolicies, readVerdicts, replacePolicies } from './records.ts'
import { createRejudging, type Rejudging, recheckAlarm } from './rejudge.ts'
import { createSiteRules, type SiteRules } from './site.ts'

/** What policies there shall be, from those that there are. */
export type NextPolicies = (kept: readonly KeptPolicy[]) => readonly PolicyDraft[]

/** The verdict that is kept per device, with what the next judgement needs to know of it. */
export interface SavedVerdict extends Judgement {
  readonly device: DeviceId
  readonly judgedAt: Instant
}

/** What `compliance.changed` says. Without a verdict the device is gone. */
export interface ComplianceNews {
  readonly device: DeviceId
  readonly state: SavedVerdict['state']
  readonly was?: SavedVerdict['state']
  readonly verdict?: SavedVerdict
}

/**
 * Judges every device when its facts, its owner's groups, a policy or the time changes. Appends `compliance.changed`
 * `{ device, state, was?, verdict? }` in the transaction that saves the verdict (without one the device is gone),
 * `compliance.recheck` `{ device, recheckAt? }` where only its next moment differs, `compliance.event`
 * `{ device, policies }` when a device turns noncompliant with policies of severity `criticalWithEvent`, and
 * `compliance.policies` `{ actor? }` with a policy change.
 *
 * What a policy is, is said in `policy.ts`; what it can demand in `settings.ts` (the names and values) and `rules/` (one
 * row per setting: title, Graph property per type of policy, class per edition, criterion over facts, fix). `judge.ts`
 * holds a set of policies against one device (`createJudge`), `detail.ts` the same with every setting, conflicts and
 * overruled configuration, `graph-json/` reads and writes Graph's JSON, `warnings.ts` knows the traps.
 */
export interface Compliance {
  verdict(device: DeviceId): Promise<SavedVerdict | undefined>
  /** All saved verdicts. */
  verdicts(): Promise<readonly SavedVerdict[]>
  /** Judges now, saves, and returns: the portal's "Check". Throws `not.found`. */
  check(device: DeviceId): Promise<SavedVerdict>
  /** Judges now with every setting, conflict and overruled configuration, and saves nothing. Throws `not.found`. */
  detail(device: DeviceId): Promise<Detail>
  policies(): Promise<readonly CompliancePolicy[]>
  /** The policies with their ids and versions. */
  kept(): Promise<readonly KeptPolicy[]>
  /** Replaces the whole set, all or nothing; who keeps the name keeps the id. Throws `policy.invalid`. */
  deploy(policies: readonly CompliancePolicy[], actor: string): Promise<void>
  /**
   * Changes the set to what `next` makes of it, all or nothing; nobody else changes it meanwhile. Resolves to the new set.
   * Throws `policy.invalid`, and whatever `next` throws.
   */
  change(next: NextPolicies, actor: string): Promise<readonly KeptPolicy[]>
  /** The same in steps: what it gives checks and writes in a transaction of the caller, with all else there. */
  prepare(next: NextPolicies, actor: string): Promise<(tx: Tx) => Promise<readonly KeptPolicy[]>>
  readonly site: SiteRules
  stop(): Promise<void>
}

/** The news after which devices are judged again. */
const kinds = [
  'device.enrolled',
  'device.observed',
  'device.retired',
  'partnership.activated',
  'directory.changed',
  'compliance.policies',
]

/** Starts judging: follows the journal from where it was left, and the alarms that verdicts set. */
export async function createCompliance(rooms: {
  store: Store
  directory: Directory
  devices: Devices
  clock: Clock
  /** Decided from now on; without it, what was decided last. */
  site?: Partial<SiteCompliance>
}): Promise<Compliance> {
  const { store, directory, devices, clock } = rooms
  const site = createSiteRules(store)
  const owners = createOwners(directory)
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve))
  const rejudging = createRejudging({ store, devices, owners, clock, pause })

  const prepare = createPreparing({ store, directory, clock })
  const change = async (next: NextPolicies, actor: string) =>
    await store.transact(await prepare(next, actor))

  if (rooms.site) await site.change(rooms.site)
  store.alarms.on(recheckAlarm, async (device, at) => {
    await rejudging.one(device as DeviceId, { at }) // set for devices only
  })
  // On every node, for `check`: the durable follower below may be at work on another one.
  const hearing = await store.journal.follow({
    name: 'compliance.owners',
    kinds: ['directory.changed'],
    durable: false,
    take: async () => owners.forget(),
  })
  const take = createTaking({ store, owners, rejudging, pause })
  const judging = await store.journal.follow({ name: 'compliance', kinds, durable: true, take })

  return {
    verdict: (device) => findVerdict(store.db, device),
    verdicts: () => readVerdicts(store.db),
    async check(device) {
      await hearing.caughtUp()
      const verdict = await rejudging.one(device, { touch: true })
      if (!verdict) throw new Failure('not.found', `no device ${device} is enrolled`)
      return verdict
    },
    async detail(device) {
      await hearing.caughtUp()
      const detail = await rejudging.detail(device)
      if (!detail) throw new Failure('not.found', `no device ${device} is enrolled`)
      return detail
    },
    policies: () => readPolicies(store.db),
    kept: () => readKept(store.db),
    async deploy(policies, actor) {
      await change(() => policies.map((policy) => ({ policy })), actor)
    },
    change,
    prepare,
    site,
    async stop() {
      await Promise.all([hearing.stop(), judging.stop()])
    },
  }
}

function createPreparing({
  store,
  directory,
  clock,
}: {
  store: Store
  directory: Directory
  clock: Clock
}): Compliance['prepare'] {
  return async (next, actor) => {
    const { groups } = await directory.everybody()
    const known = new Set(groups.map((group) => group.id))
    return async (tx) => {
      const before = await readKept(tx)
      const now = clock.now()
      const kept = renew(before, next(before), now, () => newId('cpl', now))
      checkPolicies(
        kept.map(({ policy }) => policy),
        known,
      )
      await replacePolicies(tx, kept)
      await store.journal.append(tx, 'compliance.policies', { actor })
      return kept
    }
  }
}

/** What is judged again after which news. */
function createTaking({
  store,
  owners,
  rejudging,
  pause,
}: {
  store: Store
  owners: Owners
  rejudging: Rejudging
  pause: () => Promise<void>
}): (entry: Entry) => Promise<void> {
  return async ({ kind, body }) => {
    if (kind === 'compliance.policies') return await rejudging.all('everyone')
    if (kind === 'directory.changed') {
      // Of a user's own record nothing is judged; groups that change are named.
      if ((body as { groups: readonly GroupId[] }).groups.length === 0) return
      await pause()
      const users = await owners.changed(await readPolicies(store.db))
      // So many are not named in one statement.
      if (users.length > 500) return await rejudging.all('everyone')
      if (users.length > 0) await rejudging.all(users)
      return
    }
    const { device } = body as { device?: DeviceId } // as the devices room appends it
    if (device) await rejudging.one(device)
  }
}
