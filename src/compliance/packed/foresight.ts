import type { Cohort } from './cohorts.ts'
import { type Lookup, lookupsOf } from './lookup.ts'
import { createPlans, type Plan } from './plan.ts'
import type { PolicySet } from './policy-set.ts'
import type { Columns } from './table.ts'
import type { Values } from './values.ts'

/** The set of a class by its number; `undefined` where it cannot be told, or not be packed. */
export type SetOfNumber = (of: number) => PolicySet | undefined

/**
 * Whether a device of a cohort was judged by the one rules, and the other ones would say the same of it. Values that came up
 * since then are in no table, and whoever has one is not sure to.
 */
export function createForesight(
  before: SetOfNumber,
  after: SetOfNumber,
  values: Values,
): (cohort: Cohort, columns: Columns, row: number) => boolean {
  const plans = createPlans(values)
  const known = new Map<Plan, readonly Lookup[]>()
  return ({ of, set }, columns, row) => {
    if (before(of) !== set) return false
    const next = after(of)
    if (next === set) return true
    const plan = next && plans.between(set, next)
    if (!plan) return false
    const lookups = known.get(plan) ?? lookupsOf([plan.tests], values)
    known.set(plan, lookups)
    return passes(plan, lookups, columns, row)
  }
}

function passes(
  { goneLow, goneHigh }: Plan,
  lookups: readonly Lookup[],
  { low, high, codes }: Columns,
  row: number,
): boolean {
  const gone = ((low[row] ?? -1) & goneLow) | ((high[row] ?? -1) & goneHigh)
  return gone === 0 && lookups.every(({ code, says }) => says[codes[code]?.[row] ?? -1] === 0)
}
