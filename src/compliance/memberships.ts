import type { Collections, Memberships } from '../collections/collections.ts'
import type { Device } from '../devices/devices.ts'
import type { Directory, UserId } from '../directory/directory.ts'
import type { CompliancePolicy } from './policy.ts'

/** What devices are in: groups and collections of their owners, and collections of their own. */
export type MembershipsOf = (device: Device) => ReadonlySet<string>

/** Memberships of those who are judged, read only where a policy speaks of any. */
export interface Reach {
  /** As of now or of the last news. */
  memberships(policies: readonly CompliancePolicy[]): Promise<MembershipsOf>
  /** The directory changed: reads it again, and tells whose memberships did. `everyone` where that cannot be known. */
  changed(policies: readonly CompliancePolicy[]): Promise<'everyone' | readonly UserId[]>
  /** Directory or collections changed; the next to ask reads them again. */
  forget(): void
}

interface Read {
  readonly of: Memberships
  readonly users: ReadonlyMap<UserId, ReadonlySet<string>>
}

const none: ReadonlySet<string> = new Set()

/** Memberships out of these rooms. */
export function createReach(directory: Directory, collections: Collections): Reach {
  let known: Promise<Read> | undefined
  // What the last answer of `changed` was about. Never what `memberships` read in between: news that it had seen already
  // would then seem to change nothing.
  let told: Read['users'] | undefined
  const readAll = async (): Promise<Read> => {
    const of = await collections.memberships()
    const { users } = await directory.everybody()
    return { of, users: new Map(users.map(({ id }) => [id, of.user(id)])) }
  }
  const read = () => {
    const reading = readAll()
    known = reading
    // What could not be read is asked for again; whoever waits for it hears of the failure.
    reading.catch(() => {
      if (known === reading) known = undefined
    })
    return reading
  }
  return {
    async memberships(policies) {
      if (!speakOfAny(policies)) return () => none
      const { of } = await (known ?? read())
      return (device) => of.device(device)
    },
    async changed(policies) {
      const before = told
      told = undefined
      known = undefined
      if (!speakOfAny(policies)) return []
      const { users } = await read()
      told = users
      return before ? differing(before, users) : 'everyone'
    },
    forget() {
      known = undefined
    },
  }
}

function speakOfAny(policies: readonly CompliancePolicy[]): boolean {
  return policies.some(({ assignedTo, excluded }) => assignedTo !== 'all' || excluded.length > 0)
}

function differing(before: Read['users'], now: Read['users']): readonly UserId[] {
  const changed: UserId[] = []
  for (const id of new Set([...before.keys(), ...now.keys()])) {
    const old = before.get(id) ?? none
    const memberships = now.get(id) ?? none
    const same = old.size === memberships.size && [...old].every((one) => memberships.has(one))
    if (!same) changed.push(id)
  }
  return changed
}
