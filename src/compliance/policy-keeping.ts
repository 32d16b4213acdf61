import { type Clock, inTurns } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { Collections } from '../collections/collections.ts'
import type { Devices } from '../devices/devices.ts'
import type { Directory, Group } from '../directory/directory.ts'
import { changesBetween, type Thing } from '../history/difference.ts'
import type { HistoryWriter } from '../history/history.ts'
import type { Database, Store, Tx } from '../store/store.ts'
import type { NextPolicies } from './compliance.ts'
import { isAssigned } from './assignment.ts'
import { type DeployedDevice, deployedDevice } from './deployment.ts'
import type { Reach } from './memberships.ts'
import type { CompliancePolicy, KeptPolicy, PolicyId } from './policy.ts'
import { checkPolicies } from './policy-check.ts'
import { renew } from './policy-set.ts'
import type { Prepared } from './prepared.ts'
import { readKept, readVerdicts, replacePolicies } from './records.ts'
import type { Foresee } from './shifts.ts'
import { siteOf } from './site.ts'

/** Changes of the set of policies: made at once, or prepared. Both throw `policy.invalid`, and whatever `next` throws. */
export interface PolicyKeeping {
  change(next: NextPolicies, actor: string): Promise<readonly KeptPolicy[]>
  /** The same in a transaction of the caller, whatever is in force then. */
  changing(next: NextPolicies, actor: string): Promise<(tx: Tx) => Promise<readonly KeptPolicy[]>>
  prepare(next: NextPolicies, actor: string): Promise<Prepared<readonly KeptPolicy[]>>
}

/** Checks and writes sets of policies. */
export function createPolicyKeeping(rooms: {
  readonly store: Store
  readonly directory: Directory
  readonly collections: Collections
  readonly history: HistoryWriter
  readonly clock: Clock
  readonly freshId: () => PolicyId
  readonly foresee: Foresee
}): PolicyKeeping {
  const { store, directory, collections, history, clock, freshId, foresee } = rooms

  async function plan(db: Database, groups: readonly Group[], next: NextPolicies) {
    const known = new Set([...groups, ...(await collections.list(db))].map(({ id }) => id))
    const before = await readKept(db)
    const after = renew(before, next(before), clock.now(), freshId)
    checkPolicies(contentOf(after), known)
    return { before, after }
  }

  async function write(tx: Tx, { before, after }: Awaited<ReturnType<typeof plan>>, actor: string) {
    await replacePolicies(tx, after)
    await store.journal.append(tx, 'compliance.policies', { actor })
    const changes = changesBetween('compliancePolicy', before, after, thingOf)
    await history.append(tx, actor, changes)
    return after
  }

  const changing: PolicyKeeping['changing'] = async (next, actor) => {
    const { groups } = await directory.everybody()
    return async (tx) => write(tx, await plan(tx, groups, next), actor)
  }

  return {
    changing,
    change: async (next, actor) => await store.transact(await changing(next, actor)),
    async prepare(next, actor) {
      const { groups } = await directory.everybody()
      const prepared = await plan(store.db, groups, next)
      const site = await siteOf(store.db)
      const [before, after] = [contentOf(prepared.before), contentOf(prepared.after)]
      const basis = JSON.stringify([before, site])
      return {
        draft: after,
        shifts: () => foresee({ policies: before, site }, { policies: after, site }),
        async write(tx) {
          const planned = await plan(tx, groups, next)
          const now = JSON.stringify([contentOf(planned.before), await siteOf(tx)])
          return now === basis ? await write(tx, planned, actor) : undefined
        },
      }
    },
  }
}

const contentOf = (kept: readonly KeptPolicy[]): readonly CompliancePolicy[] =>
  kept.map(({ policy }) => policy)

const thingOf = ({ id, policy }: KeptPolicy): Thing => ({ id, name: policy.name, value: policy })

/** Tells of every policy, or one, how each device stands that it is deployed to. Throws `not.found`. */
export async function tellDeployed(
  { store, devices, reach }: { store: Store; devices: Devices; reach: Reach },
  tell: (kept: KeptPolicy, one: DeployedDevice) => void,
  only: PolicyId | undefined,
): Promise<void> {
  const all = await readKept(store.db)
  const wanted = only === undefined ? all : all.filter(({ id }) => id === only)
  if (only !== undefined && wanted.length === 0)
    throw new Failure('not.found', `no compliance policy has the id ${only}`)
  const membershipsOf = await reach.memberships(wanted.map(({ policy }) => policy))
  const { devices: enrolled } = await devices.list()
  const verdicts = new Map((await readVerdicts(store.db)).map((one) => [one.device, one]))
  await inTurns(enrolled, (device) => {
    if (device.retiredAt !== undefined) return
    const memberships = membershipsOf(device)
    for (const kept of wanted) {
      const { policy } = kept
      if (isAssigned(policy, memberships))
        tell(kept, deployedDevice(policy, device, verdicts.get(device.id)))
    }
  })
}
