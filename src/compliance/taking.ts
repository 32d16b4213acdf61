import type { DeviceId } from '../devices/devices.ts'
import type { GroupId } from '../directory/directory.ts'
import type { Entry } from '../store/journal.ts'
import type { Store } from '../store/store.ts'
import type { Reach } from './memberships.ts'
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

/** What is judged again after which news. */
export function createTaking({
  store,
  reach,
  rejudging,
  pause,
}: {
  store: Store
  reach: Reach
  rejudging: Rejudging
  pause: () => Promise<void>
}): (entry: Entry) => Promise<void> {
  return async ({ kind, body }) => {
    if (kind === 'compliance.policies') return await rejudging.all('everyone')
    if (kind === 'collections.changed') {
      reach.forget()
      return await rejudging.all('everyone')
    }
    if (kind === 'directory.changed') {
      const policies = await readPolicies(store.db)
      // Of a user's own record only collections speak; groups that change are named.
      const { groups } = body as { groups: readonly GroupId[] } // as the directory appends it
      if (groups.length === 0 && !policies.some(speaksOfCollections)) return
      await pause()
      const users = await reach.changed(policies)
      // So many are not named in one statement.
      if (users.length > 500) return await rejudging.all('everyone')
      if (users.length > 0) await rejudging.all(users)
      return
    }
    const { device } = body as { device?: DeviceId } // as the devices room appends it
    if (device) await rejudging.one(device)
  }
}

function speaksOfCollections({ assignedTo, excluded }: CompliancePolicy): boolean {
  return [...(assignedTo === 'all' ? [] : assignedTo), ...excluded].some((id) =>
    id.startsWith('col_'),
  )
}
