import { sessionControlsOf } from '../controls/session.ts'
import type { ConditionalAccessPolicy } from '../policy.ts'
import type { Claims, Inquiry } from './inquiry.ts'
import type { Example } from './world.ts'

/** A session control that is put on some sign-ins by one set only, though both grant them. */
export interface SessionChange {
  /** As in the policy: its name and what it is set to. */
  readonly control: string
  readonly change: 'added' | 'removed'
  /** Who puts it there, by their place in their set. */
  readonly policies: readonly number[]
  readonly example: Example
}

/** What the second set adds to sessions, and what it removes. */
export function findSessionChanges(
  inquiry: Inquiry,
  first: readonly Claims[],
  second: readonly Claims[],
): SessionChange[] | 'gaveUp' {
  const granted = [...first, ...second].map(({ passes }) => passes)
  const [before, after] = [byControl(first), byControl(second)]
  const changes: SessionChange[] = []
  for (const control of new Set([...before.keys(), ...after.keys()])) {
    for (const change of ['added', 'removed'] as const) {
      const [putting, lacking] = change === 'added' ? [after, before] : [before, after]
      const others = lacking.get(control) ?? []
      const known = new Set(others.map(({ claims: { applies } }) => applies))
      const left = (putting.get(control) ?? []).filter(({ claims }) => !known.has(claims.applies))
      if (left.length === 0) continue
      const put = inquiry.anyOf(left.map(({ claims: { applies } }) => applies))
      const notPut = others.map(({ claims: { avoids } }) => avoids)
      const example = inquiry.example([...granted, put, ...notPut])
      if (example === 'gaveUp') return 'gaveUp'
      if (example === 'unsatisfiable') continue
      changes.push({ control, change, policies: left.map(({ at }) => at), example })
    }
  }
  return changes
}

interface Putting {
  readonly claims: Claims
  readonly at: number
}

/** Which policies of a set put a control on a session. */
function byControl(set: readonly Claims[]): ReadonlyMap<string, readonly Putting[]> {
  const found = new Map<string, Putting[]>()
  for (const [at, claims] of set.entries()) {
    for (const control of controlsOf(claims)) {
      const putting = found.get(control) ?? []
      putting.push({ claims, at })
      found.set(control, putting)
    }
  }
  return found
}

function controlsOf({ prepared }: Claims): string[] {
  const policy: ConditionalAccessPolicy = prepared.policy
  const controls: Readonly<Record<string, unknown>> = policy.sessionControls ?? {}
  return sessionControlsOf(policy).map((name) => `${name} ${JSON.stringify(controls[name])}`)
}
