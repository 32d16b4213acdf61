import { always, atom, or } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import { type Condition, flagsOf } from './condition.ts'

/** A sign-in that is carried over from another device. */
export const authenticationFlows: Condition = {
  name: 'authenticationFlows',
  reason: 'authenticationFlow',
  formula({ conditions }) {
    const methods = flagsOf(conditions.authenticationFlows?.transferMethods).filter(
      (method) => method !== 'none',
    )
    return methods.length === 0
      ? always
      : or(...methods.map((method) => atom<Atom>({ kind: 'flow', method })))
  },
  measured: ({ flow }) => flow ?? 'none',
}
