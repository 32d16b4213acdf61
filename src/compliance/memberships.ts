import type { Collections } from '../collections/collections.ts'
import type { Device } from '../devices/devices.ts'
import type { Profiles } from '../profiles/profiles.ts'
import { profileReaches } from '../profiles/reach.ts'
import type { CompliancePolicy } from './policy.ts'

/** What devices are in: groups and collections of their owners, and collections of their own. */
export type MembershipsOf = (device: Device) => ReadonlySet<string>

/** Whether a mail profile for a device's platform is for its owner; `undefined` where the site has none for it. */
export type ProfileReachOf = (device: Device) => boolean | undefined

/** Memberships of those who are judged, and whom mail profiles reach: read only where a policy speaks of any. */
export interface Reach {
  /** As of now or of the last news. */
  memberships(policies: readonly CompliancePolicy[]): Promise<MembershipsOf>
  /** As of now or of the last news. */
  profiles(policies: readonly CompliancePolicy[]): Promise<ProfileReachOf>
  /** Directory, collections or mail profiles changed; the next to ask reads them again. */
  forget(): void
}

const none: ReadonlySet<string> = new Set()

/** Memberships out of these collections, which know the directory, and the reach of these mail profiles. */
export function createReach(collections: Collections, profiles: Pick<Profiles, 'list'>): Reach {
  const memberships = remembered(() => collections.memberships())
  const list = remembered(() => profiles.list())
  return {
    async memberships(policies) {
      if (!policies.some(speaksOfMemberships)) return () => none
      const of = await memberships.read()
      return (device) => of.device(device)
    },
    async profiles(policies) {
      if (!policies.some(demandsProfile)) return () => undefined
      const all = await list.read()
      if (all.length === 0) return () => undefined
      const of = await memberships.read()
      return (device) =>
        profileReaches(all, device.facts.platform?.value ?? 'unknown', of.device(device))
    },
    forget() {
      memberships.forget()
      list.forget()
    },
  }
}

/** Reads once, until it is told to forget. */
function remembered<T>(readAnew: () => Promise<T>): { read(): Promise<T>; forget(): void } {
  let known: Promise<T> | undefined
  return {
    read() {
      if (known) return known
      const reading = readAnew()
      known = reading
      // What could not be read is asked for again; whoever waits for it hears of the failure.
      reading.catch(() => {
        if (known === reading) known = undefined
      })
      return reading
    },
    forget() {
      known = undefined
    },
  }
}

/** Whether it demands a mail account out of a profile. */
export function demandsProfile({ settings }: CompliancePolicy): boolean {
  return settings.managedEmailProfileRequired === true
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
