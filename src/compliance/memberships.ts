import type { Collections, Memberships } from '../collections/collections.ts'
import type { Device } from '../devices/devices.ts'
import type { CompliancePolicy } from './policy.ts'

/** What devices are in: groups and collections of their owners, and collections of their own. */
export type MembershipsOf = (device: Device) => ReadonlySet<string>

/** Memberships of those who are judged, read only where a policy speaks of any. */
export interface Reach {
  /** As of now or of the last news. */
  memberships(policies: readonly CompliancePolicy[]): Promise<MembershipsOf>
  /** Directory or collections changed; the next to ask reads them again. */
  forget(): void
}

const none: ReadonlySet<string> = new Set()

/** Memberships out of these collections, which know the directory. */
export function createReach(collections: Collections): Reach {
  let known: Promise<Memberships> | undefined
  const read = () => {
    const reading = collections.memberships()
    known = reading
    // What could not be read is asked for again; whoever waits for it hears of the failure.
    reading.catch(() => {
      if (known === reading) known = undefined
    })
    return reading
  }
  return {
    async memberships(policies) {
      if (!policies.some(speaksOfMemberships)) return () => none
      const of = await (known ?? read())
      return (device) => of.device(device)
    },
    forget() {
      known = undefined
    },
  }
}

/** Whether it is for some and not for all. */
export function speaksOfMemberships({ assignedTo, excluded }: CompliancePolicy): boolean {
  return assignedTo !== 'all' || excluded.length > 0
}

/** Whether it is for a collection, or for all but one. */
export function speaksOfCollections({ assignedTo, excluded }: CompliancePolicy): boolean {
  return [...(assignedTo === 'all' ? [] : assignedTo), ...excluded].some((id) =>
    id.startsWith('col_'),
  )
}
