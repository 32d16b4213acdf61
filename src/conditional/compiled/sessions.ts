import { holds } from '../../logic/formula.ts'
import { type Atom, isInteractive, isTrue, keyOf } from '../atom.ts'
import { legacy } from '../controls/control.ts'
import type { Judged } from '../evaluate.ts'
import type { SignIn } from '../sign-in.ts'
import { Kept } from './kept.ts'
import { type Material, placesIn, sideOf } from './material.ts'
import { demandedBy, facetOf } from './regular.ts'
import { createSide, type Row } from './side.ts'

/** What policies make of a session on a kind of device, by a client. */
export interface Demands {
  /** Policies that are not satisfied, if they apply. */
  readonly unmet: Row
  /** And cannot be by anything that the user does. */
  readonly hard: Row
  /** Policies that ask for a fresh proof of identity. */
  readonly timed: Row
  /** What was said of a policy, where time has no part in it. */
  readonly judged: (Judged | undefined)[]
}

/** Risks, flow and what the user has proved, to all policies. */
export interface Session {
  /** The policies whose condition on it is met. */
  readonly row: Row
  readonly demands: (Demands | undefined)[]
}

export interface Sessions {
  of(signIn: SignIn): Session
  /** `kind` is a number of the client and the device together. */
  demandsOf(session: Session, kind: number, signIn: SignIn): Demands
}

export function createSessions(material: Material): Sessions {
  const { policies, places } = material
  const side = sideOf(material, 'session')
  const met = createSide(policies.map(({ prepared }) => prepared.grant.formula))
  const asked = new Map(
    [...side.atoms, ...demandedInSession(policies)].map((one) => [keyOf(one), one]),
  )
  const metBy = createAsking([...asked.values()], places)
  const timed = createSide(
    policies.map(({ prepared: { frequency } }) =>
      frequency === undefined ? { op: 'never' } : { op: 'always' },
    ),
  ).rowOf(() => false)
  const untimed = new Int32Array(timed.length)
  let plain: Session | undefined
  const kept = new Kept<string, Session>(() => {
    plain = undefined
  })
  const meet = (signIn: SignIn): Session => {
    const met = metBy(signIn)
    const name = met.join()
    const known = kept.get(name)
    if (known) return known
    const held = new Set(met)
    // What the conditions ask comes first.
    const row = side.rowOf((place) => held.has(place))
    return kept.put(name, { row, demands: [] }, row.length)
  }
  return {
    // Most sign-ins bring neither risk nor proofs.
    of: (signIn) => (isPlain(signIn) ? (plain ??= meet(signIn)) : meet(signIn)),
    demandsOf(session, kind, signIn) {
      const answers = met.atoms.map((atom) => isTrue(atom, signIn, places))
      const could = met.atoms.map((atom, place) => answers[place] === true || isInteractive(atom))
      const isLegacy = holds(legacy, (atom: Atom) => isTrue(atom, signIn, places))
      const demands = {
        unmet: met.rowOf((place) => answers[place] === true).map((bits) => ~bits),
        hard: met.rowOf((place) => could[place] === true).map((bits) => ~bits),
        // A password that is sent with every request is always fresh.
        timed: isLegacy ? untimed : timed,
        judged: [],
      }
      session.demands[kind] = demands
      kept.grow(2 * timed.length + policies.length)
      return demands
    },
  }
}

const demandedInSession = (policies: Material['policies']): readonly Atom[] =>
  policies
    .flatMap(({ prepared }) => demandedBy(prepared))
    .filter(({ kind }) => facetOf[kind] === 'session')

/** Looks up what the user has proved, of which there are many kinds, and asks the rest one by one. */
function createAsking(
  atoms: readonly Atom[],
  places: Material['places'],
): (signIn: SignIn) => readonly number[] {
  const controls = new Map<string, number>()
  const methods = new Map<string, number>()
  const others: (readonly [number, Atom])[] = []
  for (const [place, atom] of atoms.entries())
    if (atom.kind === 'satisfied') controls.set(atom.control, place)
    else if (atom.kind === 'method') methods.set(atom.method, place)
    else others.push([place, atom])
  return (signIn) => {
    const met = [
      ...placesIn(controls, signIn.satisfied),
      ...placesIn(methods, signIn.methods),
    ].sort((a, b) => a - b)
    for (const [place, atom] of others) if (isTrue(atom, signIn, places)) met.push(place)
    return met
  }
}

const isPlain = (signIn: SignIn): boolean =>
  signIn.satisfied.size === 0 &&
  signIn.methods.size === 0 &&
  signIn.signInRisk === undefined &&
  signIn.userRisk === undefined &&
  signIn.servicePrincipalRisk === undefined &&
  signIn.insiderRisk === undefined &&
  signIn.flow === undefined
