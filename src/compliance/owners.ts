import { type Directory, transitiveGroups, type UserId } from '../directory/directory.ts'
import type { CompliancePolicy } from './policy.ts'

type Groups = ReadonlyMap<string, ReadonlySet<string>>

/** The groups of those who own devices, read from the directory only where a policy speaks of groups. */
export interface Owners {
  /** Groups of each user as of now or of the last news. */
  groups(policies: readonly CompliancePolicy[]): Promise<Groups>
  /** The directory changed: reads it again, and tells whose groups did. `everyone` where that cannot be known. */
  changed(policies: readonly CompliancePolicy[]): Promise<'everyone' | readonly UserId[]>
  /** The directory changed; the next to ask reads it again. */
  forget(): void
}

const nobody: Groups = new Map()

/** Owners out of this directory. */
export function createOwners(directory: Directory): Owners {
  let known: Promise<Groups> | undefined
  // What the last answer of `changed` was about. Never what `groups` read in between: news that it had seen already
  // would then seem to change nothing.
  let told: Groups | undefined
  const read = () => {
    const reading = directory.everybody().then(transitiveGroups)
    known = reading
    // What could not be read is asked for again; whoever waits for it hears of the failure.
    reading.catch(() => {
      if (known === reading) known = undefined
    })
    return reading
  }
  return {
    async groups(policies) {
      return speakOfGroups(policies) ? await (known ?? read()) : nobody
    },
    async changed(policies) {
      const before = told
      told = undefined
      known = undefined
      if (!speakOfGroups(policies)) return []
      const now = await read()
      told = now
      return before ? differing(before, now) : 'everyone'
    },
    forget() {
      known = undefined
    },
  }
}

function speakOfGroups(policies: readonly CompliancePolicy[]): boolean {
  return policies.some(({ assignedTo, excluded }) => assignedTo !== 'all' || excluded.length > 0)
}

function differing(before: Groups, now: Groups): readonly UserId[] {
  const changed: UserId[] = []
  for (const id of new Set([...before.keys(), ...now.keys()])) {
    const old = before.get(id) ?? new Set()
    const groups = now.get(id) ?? new Set()
    const same = old.size === groups.size && [...old].every((group) => groups.has(group))
    if (!same && id.startsWith('usr_')) changed.push(id as UserId) // by its prefix
  }
  return changed
}
