import { always, and, atom, type Formula, never, not, or } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import { type Condition, folded, type Known } from './condition.ts'

/** Where the client is, by the address that the server saw. */
export const locations: Condition = {
  name: 'locations',
  reason: 'location',
  formula({ conditions }, known) {
    const { includeLocations, excludeLocations } = conditions.locations ?? {}
    if (!includeLocations?.length && !excludeLocations?.length) return always
    return and(of(includeLocations, known, always), not(of(excludeLocations, known, never)))
  },
  unevaluated({ conditions }, { places }) {
    const { includeLocations, excludeLocations } = conditions.locations ?? {}
    return [...folded(includeLocations), ...folded(excludeLocations)]
      .filter((id) => id !== 'all' && id !== 'alltrusted' && !places.knows(id))
      .map((id) => `locations: no named location ${id} that can be told here`)
  },
  measured: ({ address, country }) => [address, country].filter(Boolean).join(', ') || 'unknown',
}

/** A location that is not known here is taken for the place where the client is when included, for elsewhere when excluded. */
const of = (
  ids: readonly string[] | null | undefined,
  { places }: Known,
  unknown: Formula<Atom>,
): Formula<Atom> =>
  or(
    ...folded(ids).map((id) => {
      if (id === 'all') return always
      if (id === 'alltrusted') return atom<Atom>({ kind: 'trusted' })
      return places.knows(id) ? atom<Atom>({ kind: 'location', id }) : unknown
    }),
  )
