import type { PolicySet } from '../conditional.ts'

/** Which policies count as enabled: those that are, those in report-only too, or every one. */
export const countings = ['enabled', 'reportOnly', 'all'] as const
export type Counting = (typeof countings)[number]

/** A set as if the policies that count were enabled and no others there. */
export interface Counted {
  readonly set: PolicySet
  /** For each of them, its place in the whole set. */
  readonly places: readonly number[]
}

/** Leaves out what does not count. */
export function countedAs(set: PolicySet, counting: Counting): Counted {
  const counts = set.policies.map(
    ({ state }) =>
      state === 'enabled' ||
      counting === 'all' ||
      (counting === 'reportOnly' && state === 'enabledForReportingButNotEnforced'),
  )
  const places = [...set.policies.keys()].filter((at) => counts[at])
  const policies = set.policies.filter((_, at) => counts[at])
  return {
    set: { ...set, policies: policies.map((policy) => ({ ...policy, state: 'enabled' })) },
    places,
  }
}
