import { type Comparison, isMetBy } from '../logic/filter.ts'
import type { Places } from './places.ts'
import type { ClientAppType, DevicePlatform, GuestType, RiskLevel } from './policy.ts'
import type { SignIn } from './sign-in.ts'
import { seenByFilter } from './device-filter.ts'

/** One plain question about a sign-in: what every condition and control is made of. A closed list. */
export type Atom =
  | { readonly kind: 'person' }
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'role'; readonly id: string }
  | { readonly kind: 'guest'; readonly type: GuestType }
  | { readonly kind: 'tenant'; readonly id: string }
  | { readonly kind: 'servicePrincipal'; readonly id: string }
  /** The target is an application at all. */
  | { readonly kind: 'application' }
  | { readonly kind: 'app'; readonly id: string }
  | { readonly kind: 'userAction'; readonly id: string }
  | { readonly kind: 'authenticationContext'; readonly id: string }
  | { readonly kind: 'client'; readonly type: ClientAppType }
  | { readonly kind: 'token' }
  | { readonly kind: 'platform'; readonly platform: DevicePlatform }
  | { readonly kind: 'location'; readonly id: string }
  | { readonly kind: 'trusted' }
  | { readonly kind: 'registered' }
  /** Registered and marked compliant. */
  | { readonly kind: 'compliant' }
  /** Joined to a domain of ours: `trustType` is `ServerAD`. */
  | { readonly kind: 'hybridJoined' }
  /** Any other property of the device. */
  | { readonly kind: 'device'; readonly comparison: Comparison }
  | { readonly kind: 'signInRisk' | 'userRisk' | 'servicePrincipalRisk'; readonly level: RiskLevel }
  | { readonly kind: 'insiderRisk'; readonly level: string }
  | { readonly kind: 'flow'; readonly method: string }
  /** The user has done what this control asks for. */
  | { readonly kind: 'satisfied'; readonly control: string }
  | { readonly kind: 'method'; readonly method: string }

/** What of places is asked about a sign-in. */
export type Locator = Pick<Places, 'isIn' | 'isTrusted'>

/** The answer, for one sign-in. The only place that says what an atom means. */
export function isTrue(atom: Atom, signIn: SignIn, places: Locator): boolean {
  const { identity, target, device } = signIn
  switch (atom.kind) {
    case 'person':
      return identity.kind === 'user'
    case 'user':
      return identity.kind === 'user' && isSameId(identity.id, atom.id)
    case 'servicePrincipal':
      return identity.kind === 'servicePrincipal' && isSameId(identity.id, atom.id)
    case 'group':
      return identity.groups.has(atom.id)
    case 'role':
      return identity.roles.has(atom.id)
    case 'guest':
      return identity.guest === atom.type
    case 'tenant':
      return identity.tenant === atom.id
    case 'application':
      return target.kind === 'application'
    case 'app':
      return target.kind === 'application' && target.ids.some((id) => isSameId(id, atom.id))
    case 'userAction':
    case 'authenticationContext':
      return target.kind === atom.kind && target.id === atom.id
    case 'client':
      return signIn.client === atom.type
    case 'token':
      return signIn.token === true
    case 'platform':
      return signIn.platform === atom.platform
    case 'location':
      return places.isIn(atom.id, signIn)
    case 'trusted':
      return places.isTrusted(signIn)
    case 'registered':
      return device !== undefined
    case 'compliant':
      return device?.isCompliant === true
    case 'hybridJoined':
      return device?.trustType?.toLowerCase() === 'serverad'
    case 'device':
      return isMetBy(atom.comparison, device && seenByFilter(device, atom.comparison.property))
    default:
      return isTrueOfSession(atom, signIn)
  }
}

function isTrueOfSession(
  atom: Extract<
    Atom,
    {
      kind:
        | 'signInRisk'
        | 'userRisk'
        | 'servicePrincipalRisk'
        | 'insiderRisk'
        | 'flow'
        | 'satisfied'
        | 'method'
    }
  >,
  signIn: SignIn,
): boolean {
  switch (atom.kind) {
    case 'insiderRisk':
      return signIn.insiderRisk === atom.level
    case 'flow':
      return signIn.flow === atom.method
    case 'satisfied':
      return signIn.satisfied.has(atom.control)
    case 'method':
      return signIn.methods.has(atom.method)
    default:
      // Where nobody judges risk, there is none.
      return (signIn[atom.kind] ?? 'none') === atom.level
  }
}

const isSameId = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Whether the user can make it true during the sign-in: a second factor, a new password, agreeing to terms. */
export function isInteractive(atom: Atom): boolean {
  return (
    atom.kind === 'method' ||
    (atom.kind === 'satisfied' &&
      atom.control !== 'approvedApplication' &&
      atom.control !== 'compliantApplication')
  )
}

/** A name by which equal atoms are equal. */
export function keyOf(atom: Atom): string {
  const { kind, ...rest } = atom
  return `${kind} ${JSON.stringify(rest)}`
}
