import type { DeviceId } from '../devices/devices.ts'
import type { DirectoryNews } from '../directory/directory.ts'
import type { Entry } from '../store/journal.ts'
import type { Store } from '../store/store.ts'
import { type Reach, speaksOfCollections, speaksOfMemberships } from './memberships.ts'
import type { CompliancePolicy } from './policy.ts'
import { readPolicies } from './records.ts'
import type { Rejudging } from './rejudge.ts'

/** The news after which devices are judged again. */
export const newsOfCompliance = [
  'device.enrolled',
  'device.observed',
  'device.retired',
  'partnership.activated',
  'directory.changed',
  'collections.changed',
  'compliance.policies',
]

/**
 * What is judged again after which news. The entry names whom it is about, and they are judged by what is true after it: so
 * whatever others judged in between, the last word on a user is said after the last news of them.
 */
export function createTaking({
  store,
  reach,
  rejudging,
}: {
  store: Store
  reach: Reach
  rejudging: Rejudging
}): (entry: Entry) => Promise<void> {
  return async ({ kind, body }) => {
    if (kind === 'compliance.policies') return await rejudging.all('everyone')
    if (kind === 'collections.changed') {
      reach.forget()
      return await rejudging.all('everyone')
    }
    if (kind === 'directory.changed') {
      reach.forget()
      const owners = concerned(body as DirectoryNews, await readPolicies(store.db)) // as the directory appends it
      if (owners === 'everyone' || owners.length > 0) await rejudging.all(owners)
      return
    }
    const { device } = body as { device?: DeviceId } // as the devices room appends it
    if (device) await rejudging.one(device)
  }
}

/** Of a user's own record only collections speak. */
function concerned(
  { users, members }: DirectoryNews,
  policies: readonly CompliancePolicy[],
): DirectoryNews['members'] {
  if (!policies.some(speaksOfMemberships)) return []
  if (members === 'everyone') return members
  return policies.some(speaksOfCollections) ? [...new Set([...users, ...members])] : members
}
