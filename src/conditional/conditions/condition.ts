import type { Formula } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import type { Places } from '../places.ts'
import type { AuthenticationStrength, ConditionalAccessPolicy } from '../policy.ts'
import type { SignIn } from '../sign-in.ts'

/** What policies refer to by id. */
export interface Known {
  readonly places: Places
  readonly strengths: ReadonlyMap<string, AuthenticationStrength>
}

/** Graph's `whatIfAnalysisReasons`: why a policy does not apply. */
export type WhatIfReason =
  | 'notSet'
  | 'notEnoughInformation'
  | 'users'
  | 'workloadIdentities'
  | 'application'
  | 'userActions'
  | 'authenticationContext'
  | 'devicePlatform'
  | 'devices'
  | 'clientApps'
  | 'location'
  | 'signInRisk'
  | 'emptyPolicy'
  | 'invalidPolicy'
  | 'policyNotEnabled'
  | 'userRisk'
  | 'insiderRisk'
  | 'authenticationFlow'

/** One condition of a policy. Its one formula decides, explains, is analysed and compiled. */
export interface Condition {
  readonly name: string
  /** The reason that What If gives when it is not met. */
  readonly reason: WhatIfReason | ((policy: ConditionalAccessPolicy) => WhatIfReason)
  /** What must be true of a sign-in. Unset: `always`. What cannot be evaluated is taken for met, so that it fails closed. */
  formula(policy: ConditionalAccessPolicy, known: Known): Formula<Atom>
  /** What of it cannot be evaluated, in words for an administrator. */
  unevaluated?(policy: ConditionalAccessPolicy, known: Known): readonly string[]
  /** What the sign-in brings to it. */
  measured(signIn: SignIn): string
}

/** Comma-joined flags. */
export function flagsOf(text: string | null | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((flag) => flag.trim())
    .filter((flag) => flag !== '')
}

/** Ids compare without regard to case. */
export const folded = (ids: readonly string[] | null | undefined): readonly string[] =>
  (ids ?? []).map((id) => id.toLowerCase())
