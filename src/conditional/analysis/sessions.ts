import type { Literal } from '../../logic/solver.ts'
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
  const changes: SessionChange[] = []
  for (const control of new Set([...first, ...second].flatMap((one) => controlsOf(one)))) {
    for (const change of ['added', 'removed'] as const) {
      const [putting, lacking] = change === 'added' ? [second, first] : [first, second]
      const putters = having(putting, control)
      const others = new Set(having(lacking, control).map(({ applies }) => applies))
      const left = putters.filter(({ applies }) => !others.has(applies))
      if (left.length === 0) continue
      const put = inquiry.anyOf(left.map(({ applies }) => applies))
      const notPut: Literal[] = having(lacking, control).map(({ avoids }) => avoids)
      const example = inquiry.example([...granted, put, ...notPut])
      if (example === 'gaveUp') return 'gaveUp'
      if (example === 'unsatisfiable') continue
      changes.push({ control, change, policies: left.map((one) => putting.indexOf(one)), example })
    }
  }
  return changes
}

const having = (claims: readonly Claims[], control: string): Claims[] =>
  claims.filter((one) => controlsOf(one).includes(control))

function controlsOf({ prepared }: Claims): string[] {
  const policy: ConditionalAccessPolicy = prepared.policy
  const controls: Readonly<Record<string, unknown>> = policy.sessionControls ?? {}
  return sessionControlsOf(policy).map((name) => `${name} ${JSON.stringify(controls[name])}`)
}
