import { always, and, atom, or } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import type { Condition } from './condition.ts'

const platform = (name: 'android' | 'iOS' | 'windows') =>
  atom<Atom>({ kind: 'platform', platform: name })
const supported = or(platform('android'), platform('iOS'), platform('windows'))

/** The kind of client. */
export const clientAppTypes: Condition = {
  name: 'clientAppTypes',
  reason: 'clientApps',
  formula: ({ conditions }) =>
    or(
      ...conditions.clientAppTypes.map((type) => {
        if (type === 'all') return always
        if (type === 'easSupported')
          return and(atom<Atom>({ kind: 'client', type: 'exchangeActiveSync' }), supported)
        return atom<Atom>({ kind: 'client', type })
      }),
    ),
  measured: ({ client }) => client ?? 'unknown',
}
