import type { Literal } from '../../logic/solver.ts'
import type { Claims, Inquiry } from './inquiry.ts'

/** A policy that could be deleted without changing who is let in, and why. Policies are told by their place in the set. */
export type Surplus =
  /** Nobody who signs in meets these of its conditions together. */
  | {
      readonly kind: 'neverApplies'
      readonly policy: number
      readonly conditions: readonly string[]
    }
  /** Wherever it applies, these block already. */
  | { readonly kind: 'shadowed'; readonly policy: number; readonly by: readonly number[] }
  /** Wherever it refuses, these refuse already. */
  | { readonly kind: 'redundant'; readonly policy: number; readonly by: readonly number[] }

/** Which policies change nothing, each by itself: of two that say the same, either can go. */
export function findSurplus(inquiry: Inquiry, claims: readonly Claims[]): Surplus[] {
  return claims.flatMap((own, policy): Surplus[] => {
    const parts = own.prepared.parts.map(({ condition, formula }) => ({
      name: condition.name,
      literal: inquiry.claim(formula),
    }))
    const never = inquiry.core(
      [],
      parts.map(({ literal }) => literal),
    )
    if (never) {
      // Where several cannot be met at all, they are one literal: the first of them is told.
      const names = never.map((one) => parts.find(({ literal }) => literal === one)?.name ?? '')
      return [{ kind: 'neverApplies', policy, conditions: names }]
    }
    // One that demands nothing is there for its session controls.
    if (inquiry.ask([own.fails]) === 'unsatisfiable') return []
    const others = claims.map((other, at) => ({ ...other, at })).filter(({ at }) => at !== policy)
    const refusing = (literal: Literal, among: typeof others) => {
      const core = inquiry.core(
        [literal],
        among.map(({ passes }) => passes),
      )
      // Policies that say the same are one literal: the first of them is told.
      return core?.map((passes) => among.find((other) => other.passes === passes)?.at ?? -1)
    }
    const blocks = others.filter(({ prepared }) => prepared.grant.formula.op === 'never')
    const shadow = refusing(own.applies, blocks)
    if (shadow) return [{ kind: 'shadowed', policy, by: shadow }]
    const by = refusing(own.fails, others)
    return by ? [{ kind: 'redundant', policy, by }] : []
  })
}
