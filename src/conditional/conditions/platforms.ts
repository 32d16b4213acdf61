import { always, and, atom, type Formula, not, or } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import type { Conditions } from '../policy.ts'
import type { Condition } from './condition.ts'

type Names = NonNullable<Conditions['platforms']>['includePlatforms']

/** The platform; a client that tells none matches only `all`. */
export const platforms: Condition = {
  name: 'platforms',
  reason: 'devicePlatform',
  formula({ conditions }) {
    const { includePlatforms, excludePlatforms } = conditions.platforms ?? {}
    if (!includePlatforms?.length && !excludePlatforms?.length) return always
    return and(of(includePlatforms), not(of(excludePlatforms)))
  },
  measured: ({ platform }) => platform ?? 'unknown',
}

const of = (names: Names): Formula<Atom> =>
  or(
    ...(names ?? []).map((name) =>
      name === 'all' ? always : atom<Atom>({ kind: 'platform', platform: name }),
    ),
  )
