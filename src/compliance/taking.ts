import {
  type Directory,
  type DirectoryNews,
  type GroupId,
  transitiveGroups,
  type UserId,
} from '../directory/directory.ts'
import type { ProfileNews } from '../profiles/profiles.ts'
import type { Entry } from '../store/journal.ts'
import type { Store } from '../store/store.ts'
import { type DeviceNews, newsOfDevices, newsOfReach } from './hearing.ts'
import {
  demandsProfile,
  type Reach,
  speaksOfCollections,
  speaksOfMemberships,
} from './memberships.ts'
import type { CompliancePolicy } from './policy.ts'
import { readPolicies } from './records.ts'
import type { Rejudging } from './rejudge.ts'

/** The news after which devices are judged again. */
export const newsOfCompliance = [...newsOfDevices, ...newsOfReach, 'compliance.policies']

/**
 * What is judged again after which news. The entry names whom it is about, and they are judged by what is true after it: so
 * whatever others judged in between, the last word on a user is said after the last news of them.
 */
export function createTaking({
  store,
  directory,
  reach,
  rejudging,
  here,
}: {
  store: Store
  directory: Directory
  reach: Reach
  rejudging: Rejudging
  /** What is judged at once on this node. */
  here: string
}): (entry: Entry) => Promise<void> {
  const judgeAll = async (owners: 'everyone' | readonly UserId[]) => {
    if (owners === 'everyone' || owners.length > 0) await rejudging.all(owners)
  }
  const membersOf = async (groups: readonly GroupId[]) => {
    if (groups.length === 0) return []
    const everybody = await directory.everybody()
    const groupsOf = transitiveGroups(everybody)
    return everybody.users
      .map(({ id }) => id)
      .filter((id) => groups.some((group) => groupsOf.get(id)?.has(group)))
  }
  return async ({ kind, body }) => {
    if (kind === 'compliance.policies') return await rejudging.byNewRules()
    if (kind === 'collections.changed') {
      reach.forget()
      return await rejudging.all('everyone')
    }
    if (kind === 'directory.changed') {
      reach.forget()
      const owners = concerned(body as DirectoryNews, await readPolicies(store.db)) // as the directory appends it
      return await judgeAll(owners)
    }
    if (kind === 'profile.changed') {
      reach.forget()
      if (!(await readPolicies(store.db)).some(demandsProfile)) return
      const { groups = 'everyone' } = body as ProfileNews // as the profiles room appends it
      return await judgeAll(groups === 'everyone' ? groups : await membersOf(groups))
    }
    const { device, judgedBy } = body as DeviceNews // as the devices room appends it
    // Of what another node has judged this one may still know the state before.
    if (device && judgedBy !== here) await rejudging.one(device)
  }
}

/** Of a user's own record only collections speak. */
function concerned(
  { users, members }: DirectoryNews,
  policies: readonly CompliancePolicy[],
): DirectoryNews['members'] {
  if (!policies.some((one) => speaksOfMemberships(one) || demandsProfile(one))) return []
  if (members === 'everyone') return members
  return policies.some(speaksOfCollections) ? [...new Set([...users, ...members])] : members
}
