import { and, atom, never, not, or } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import { type Control, interactive, legacy, other } from './control.ts'

const onPhone = or(
  atom<Atom>({ kind: 'platform', platform: 'android' }),
  atom<Atom>({ kind: 'platform', platform: 'iOS' }),
)

/** Every control of `builtInControls`, in the order in which a user is asked for them. */
export const builtInControls: readonly Control[] = [
  { name: 'block', formula: never, errorCode: 53003 },
  { name: 'mfa', formula: interactive('mfa'), errorCode: 50076 },
  // Exchange ActiveSync carries its device by the mapping of its id to a registered one.
  {
    name: 'compliantDevice',
    formula: and(atom<Atom>({ kind: 'compliant' }), not(other)),
    errorCode: 53000,
  },
  {
    name: 'domainJoinedDevice',
    formula: and(atom<Atom>({ kind: 'hybridJoined' }), not(legacy)),
    errorCode: 53001,
  },
  {
    name: 'approvedApplication',
    formula: and(interactive('approvedApplication'), onPhone),
    errorCode: 53002,
  },
  {
    name: 'compliantApplication',
    formula: and(interactive('compliantApplication'), onPhone),
    errorCode: 53009,
  },
  { name: 'passwordChange', formula: interactive('passwordChange'), errorCode: 50055 },
  { name: 'riskRemediation', formula: interactive('riskRemediation'), errorCode: 53004 },
  { name: 'verifiedID', formula: interactive('verifiedID'), errorCode: 53003 },
]
