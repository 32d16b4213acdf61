import type { Instant } from '../base/clock.ts'
import type { ClientAppType, DevicePlatform, GuestType, RiskLevel } from './policy.ts'

/** Who signs in. */
export interface Identity {
  /**
   * Where whoever keeps identities keeps this one: a whole number from 0 that hardly anybody else has. What was found out of
   * it is looked for there first.
   */
  readonly number?: number | undefined
  readonly kind: 'user' | 'servicePrincipal'
  readonly id: string
  /** Groups, nested ones included. */
  readonly groups: ReadonlySet<string>
  /** Role template ids. */
  readonly roles: ReadonlySet<string>
  readonly guest?: GuestType | undefined
  /** Home tenant of a guest. */
  readonly tenant?: string | undefined
}

/** What is signed in to. */
export type Target =
  | { readonly kind: 'application'; readonly ids: readonly string[] }
  /** For example `urn:user:registerdevice`. */
  | { readonly kind: 'userAction'; readonly id: string }
  | { readonly kind: 'authenticationContext'; readonly id: string }

/** A registered device, as device filters see it; spelled as in Graph's `device`. */
export interface SignInDevice {
  /** As of an identity, among devices. */
  readonly number?: number | undefined
  readonly isCompliant?: boolean | undefined
  readonly isManaged?: boolean | undefined
  readonly trustType?: string | undefined
  /** The other filter properties: `model`, `operatingSystemVersion`, `extensionAttribute1`, `physicalIds`, … */
  readonly attributes: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
}

/** One sign-in: all that policies may look at besides the time. What is not known is absent, and meets no condition. */
export interface SignIn {
  readonly identity: Identity
  readonly target: Target
  readonly client?: ClientAppType | undefined
  /** Signed in with a token of an OpenID provider, so that EAS carries what the token proves. */
  readonly token?: boolean | undefined
  readonly platform?: DevicePlatform | undefined
  /** As the server saw it, never as the client told. */
  readonly address?: string | undefined
  /** Two letters. */
  readonly country?: string | undefined
  /** Undefined: no device is known, all of it is null. */
  readonly device?: SignInDevice | undefined
  readonly signInRisk?: RiskLevel | undefined
  readonly userRisk?: RiskLevel | undefined
  readonly servicePrincipalRisk?: RiskLevel | undefined
  readonly insiderRisk?: string | undefined
  readonly flow?: string | undefined
  /** Interactive controls done so far: `mfa`, `passwordChange`, `approvedApplication`, a terms of use id, … */
  readonly satisfied: ReadonlySet<string>
  /** Methods used, as in `authenticationMethodModes`. */
  readonly methods: ReadonlySet<string>
  /** When the user last proved who they are. */
  readonly authenticatedAt?: Instant | undefined
}
