import type { Atom } from '../atom.ts'
import {
  clientAppTypes,
  exchangeOnline,
  guestTypes,
  type NamedLocation,
  platforms,
  riskLevels,
} from '../policy.ts'
import type { SignIn, Target } from '../sign-in.ts'
import { deviceSides } from './device-sides.ts'
import { type Dimension, ofKind, property } from './dimension.ts'
import { placesToBe } from './places-to-be.ts'

/** Every side of a sign-in that has one of several values, as far as the atoms tell the values apart. */
export function sidesOf(atoms: readonly Atom[], locations: readonly NamedLocation[]): Dimension[] {
  const risk = (kind: 'signInRisk' | 'userRisk') =>
    property(ofKind(atoms, kind), kind, [undefined, ...riskLevels])
  const insider = ofKind(atoms, 'insiderRisk')
  const flow = ofKind(atoms, 'flow')
  return [
    ...identitySides(atoms),
    targetSide(atoms),
    property(ofKind(atoms, 'client'), 'client', clientAppTypes),
    property(ofKind(atoms, 'token'), 'token', [undefined, true]),
    property(ofKind(atoms, 'platform'), 'platform', [undefined, ...platforms]),
    {
      atoms: ofKind(atoms, 'location', 'trusted'),
      options: placesToBe(locations).map((place) => (signIn) => ({ ...signIn, ...place })),
    },
    ...deviceSides(atoms),
    risk('signInRisk'),
    risk('userRisk'),
    property(insider, 'insiderRisk', [undefined, ...insider.map(({ level }) => level)]),
    property(flow, 'flow', [undefined, ...flow.map(({ method }) => method)]),
  ]
}

function identitySides(atoms: readonly Atom[]): Dimension[] {
  const change = (part: Partial<SignIn['identity']>) => (signIn: SignIn) => ({
    ...signIn,
    identity: { ...signIn.identity, ...part },
  })
  const users = ofKind(atoms, 'user')
  const tenants = ofKind(atoms, 'tenant')
  return [
    { atoms: users, options: [change({}), ...users.map(({ id }) => change({ id }))] },
    {
      atoms: ofKind(atoms, 'guest'),
      options: [change({}), ...guestTypes.map((guest) => change({ guest }))],
    },
    { atoms: tenants, options: [change({}), ...tenants.map(({ id }) => change({ tenant: id }))] },
  ]
}

function targetSide(atoms: readonly Atom[]): Dimension {
  const to = (target: Target) => (signIn: SignIn) => ({ ...signIn, target })
  const apps = ofKind(atoms, 'app').map(({ id }) => id)
  return {
    atoms: ofKind(atoms, 'application', 'app', 'userAction', 'authenticationContext'),
    options: [
      (signIn) => signIn,
      ...[exchangeOnline, ...apps].map((id) => to({ kind: 'application', ids: [id] })),
      ...ofKind(atoms, 'userAction', 'authenticationContext').map((target) => to(target)),
    ],
  }
}
