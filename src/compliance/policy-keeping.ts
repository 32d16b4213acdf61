import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { Collections } from '../collections/collections.ts'
import type { Devices } from '../devices/devices.ts'
import type { Directory } from '../directory/directory.ts'
import { changesBetween, type Thing } from '../history/difference.ts'
import type { HistoryWriter } from '../history/history.ts'
import type { Store } from '../store/store.ts'
import type { Compliance } from './compliance.ts'
import { type Deployment, deploymentOf } from './deployment.ts'
import type { Reach } from './memberships.ts'
import type { KeptPolicy, PolicyId } from './policy.ts'
import { checkPolicies } from './policy-check.ts'
import { renew } from './policy-set.ts'
import { readKept, readVerdicts, replacePolicies } from './records.ts'

/** Checks and writes a set of policies: `Compliance.prepare`. */
export function createPreparing({
  store,
  directory,
  collections,
  history,
  clock,
  freshId,
}: {
  store: Store
  directory: Directory
  collections: Collections
  history: HistoryWriter
  clock: Clock
  freshId: () => PolicyId
}): Compliance['prepare'] {
  return async (next, actor) => {
    const { groups } = await directory.everybody()
    return async (tx) => {
      const known = new Set([...groups, ...(await collections.list(tx))].map(({ id }) => id))
      const before = await readKept(tx)
      const now = clock.now()
      const kept = renew(before, next(before), now, freshId)
      checkPolicies(
        kept.map(({ policy }) => policy),
        known,
      )
      await replacePolicies(tx, kept)
      await store.journal.append(tx, 'compliance.policies', { actor })
      const changes = changesBetween('compliancePolicy', before, kept, thingOf)
      await history.append(tx, actor, changes)
      return kept
    }
  }
}

const thingOf = ({ id, policy }: KeptPolicy): Thing => ({ id, name: policy.name, value: policy })

/** Every policy, or one, with all that it is deployed to. Throws `not.found`. */
export async function readDeployments(
  { store, devices, reach }: { store: Store; devices: Devices; reach: Reach },
  only: PolicyId | undefined,
): Promise<readonly Deployment[]> {
  const all = await readKept(store.db)
  const wanted = only === undefined ? all : all.filter(({ id }) => id === only)
  if (only !== undefined && wanted.length === 0)
    throw new Failure('not.found', `no compliance policy has the id ${only}`)
  const membershipsOf = await reach.memberships(wanted.map(({ policy }) => policy))
  const { devices: enrolled } = await devices.list()
  const verdicts = new Map((await readVerdicts(store.db)).map((one) => [one.device, one]))
  return wanted.map((kept) => ({
    kept,
    devices: deploymentOf(kept.policy, enrolled, membershipsOf, verdicts),
  }))
}
