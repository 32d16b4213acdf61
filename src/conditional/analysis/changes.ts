import { holds } from '../../logic/formula.ts'
import type { Literal } from '../../logic/solver.ts'
import { type Atom, keyOf } from '../atom.ts'
import type { Prepared } from '../evaluate.ts'
import { cellsIn, type Way } from './holes.ts'
import type { Claims, Inquiry } from './inquiry.ts'
import type { Example } from './world.ts'

/** Sign-ins that one set of policies grants and the other refuses. */
export interface Change {
  /** Who refuses them, by their place in the refusing set. */
  readonly refusing: readonly number[]
  readonly ways: readonly Way[]
}

/**
 * For every client and platform: who gets in by one set only, asked of each target in turn. Each policy of the other set that
 * refuses them is told once a cell.
 */
export function findChanges(
  inquiry: Inquiry,
  targets: readonly (readonly Literal[])[],
  granting: readonly Claims[],
  refusing: readonly Claims[],
): Change[] | 'gaveUp' {
  const granted = granting.map(({ passes }) => passes)
  const found = new Map<string, { refusing: number[]; ways: Way[] }>()
  // Most policies of two sets are the same, and refuse nothing that is granted: they are left out at once.
  const able = refusing.filter(({ fails }) => inquiry.ask([...granted, fails]) !== 'unsatisfiable')
  if (able.length === 0) return []
  for (const { client, platform, demanded } of cellsIn(inquiry)) {
    let left = able
    for (const target of targets) {
      while (left.length > 0) {
        const refused = inquiry.anyOf(left.map(({ fails }) => fails))
        const example = inquiry.example([...granted, ...target, demanded, refused])
        if (example === 'gaveUp') return 'gaveUp'
        if (example === 'unsatisfiable') break
        const by = able.filter(({ prepared }) => refuses(prepared, example))
        const places = by.map((one) => refusing.indexOf(one))
        const change = found.get(places.join()) ?? { refusing: places, ways: [] }
        change.ways.push({ client, platform, example })
        found.set(places.join(), change)
        left = left.filter((one) => !by.includes(one))
      }
    }
  }
  return [...found.values()]
}

function refuses({ applies, grant }: Prepared, example: Example): boolean {
  const keys = new Set(example.map(keyOf))
  const is = (one: Atom) => keys.has(keyOf(one))
  return holds(applies, is) && !holds(grant.formula, is)
}
