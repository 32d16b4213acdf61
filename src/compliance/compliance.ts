import { type Clock, endTurn, type Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { newId } from '../base/id.ts'
import { type Log, silentLog } from '../base/log.ts'
import type { Collections } from '../collections/collections.ts'
import type { DeviceId, Devices } from '../devices/devices.ts'
import type { Directory } from '../directory/directory.ts'
import type { HistoryWriter } from '../history/history.ts'
import type { Profiles } from '../profiles/profiles.ts'
import type { Store, Tx } from '../store/store.ts'
import type { Detail } from './detail.ts'
import type { Judgement, SiteCompliance } from './judge.ts'
import type { DeployedDevice } from './deployment.ts'
import { startFollowing } from './following.ts'
import { createReach } from './memberships.ts'
import { createFleet } from './packed/fleet.ts'
import { createNoting } from './packed/noting.ts'
import type { CompliancePolicy, KeptPolicy, PolicyDraft, PolicyId } from './policy.ts'
import { createPolicyKeeping, tellDeployed } from './policy-keeping.ts'
import type { Prepared } from './prepared.ts'
import { findVerdict, readKept, readPolicies, readVerdicts } from './records.ts'
import { createRejudging } from './rejudge.ts'
import { createForeseeing } from './shifts.ts'
import { createSiteRules, type SiteRules } from './site.ts'
import { createLook } from './world.ts'

/** What policies there shall be, from those that there are. */
export type NextPolicies = (kept: readonly KeptPolicy[]) => readonly PolicyDraft[]

/** The verdict that is kept per device, with what the next judgement needs to know of it. */
export interface SavedVerdict extends Judgement {
  readonly device: DeviceId
  readonly judgedAt: Instant
}

/** What `compliance.changed` says. Without a verdict the device is gone. `state` and `was` are what counts: see `countedState`. */
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
  /** The policies with their ids and versions; as the transaction has them where one is given. */
  kept(within?: Tx): Promise<readonly KeptPolicy[]>
  /** Replaces the whole set, all or nothing; who keeps the name keeps the id. Throws `policy.invalid`. */
  deploy(policies: readonly CompliancePolicy[], actor: string): Promise<void>
  /**
   * Changes the set to what `next` makes of it, all or nothing; nobody else changes it meanwhile. Resolves to the new set.
   * Throws `policy.invalid`, and whatever `next` throws.
   */
  change(next: NextPolicies, actor: string): Promise<readonly KeptPolicy[]>
  /** The same in a transaction of the caller, from what is in force then. */
  changing(next: NextPolicies, actor: string): Promise<(tx: Tx) => Promise<readonly KeptPolicy[]>>
  /** The same in steps: whom it would judge otherwise, then the change itself in a transaction of the caller. */
  prepare(next: NextPolicies, actor: string): Promise<Prepared<readonly KeptPolicy[]>>
  /** Tells of every policy, or one, how each device stands that it is deployed to. Throws `not.found`. */
  deployed(tell: (kept: KeptPolicy, one: DeployedDevice) => void, only?: PolicyId): Promise<void>
  readonly site: SiteRules
  stop(): Promise<void>
}

/** Starts judging: follows the journal from where it was left, and the alarms that verdicts set. */
export async function createCompliance(rooms: {
  store: Store
  directory: Directory
  devices: Devices
  collections: Collections
  profiles: Pick<Profiles, 'list'>
  history: HistoryWriter
  clock: Clock
  log?: Log
  /** Decided from now on; without it, what was decided last. */
  site?: Partial<SiteCompliance>
}): Promise<Compliance> {
  const { store, directory, devices, collections, profiles, history, clock } = rooms
  const reach = createReach(collections, profiles)
  const heard = () => following.heard()
  const fleet = createFleet()
  const noting = createNoting(fleet)
  const look = createLook({ store, reach, fleet })
  const here = newId('jdg', clock.now())
  const judged = { store, devices, look, clock, fleet, noting }
  const rejudging = createRejudging({ ...judged, pause: endTurn, heard })

  const freshId = () => newId('cpl', clock.now())
  const foresee = createForeseeing({ ...judged, reach, pause: endTurn, heard })
  const site = createSiteRules(store, history, foresee)
  const keeping = createPolicyKeeping({ ...rooms, freshId, foresee })

  if (rooms.site) await site.change(rooms.site, 'configuration')
  const following = await startFollowing({
    ...judged,
    directory,
    reach,
    rejudging,
    here,
    log: rooms.log ?? silentLog,
  })

  return {
    verdict: (device) => findVerdict(store.db, device),
    verdicts: () => readVerdicts(store.db),
    async check(device) {
      await following.heard()
      return found(device, await rejudging.one(device, { touch: true }))
    },
    async detail(device) {
      await following.heard()
      return found(device, await rejudging.detail(device))
    },
    policies: () => readPolicies(store.db),
    kept: (within) => readKept(within ?? store.db),
    async deploy(policies, actor) {
      await keeping.change(() => policies.map((policy) => ({ policy })), actor)
    },
    ...keeping,
    deployed: (tell, only) => tellDeployed({ store, devices, reach }, tell, only),
    site,
    stop: () => following.stop(),
  }
}

function found<T>(device: DeviceId, one: T | undefined): T {
  if (one === undefined) throw new Failure('not.found', `no device ${device} is enrolled`)
  return one
}
