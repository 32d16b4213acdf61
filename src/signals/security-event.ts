import type { Instant } from '../base/clock.ts'
import { type ComplianceState, isHealthyState } from '../compliance/verdict.ts'

/** Type of the event that tells that a device became compliant, or ceased to be (CAEP 1.0 section 3.5). */
export const complianceChangeType =
  'https://schemas.openid.net/secevent/caep/event-type/device-compliance-change'

/** The two states that CAEP knows. */
export type ComplianceStatus = 'compliant' | 'not-compliant'

/** A device's compliance before and after. */
export interface ComplianceChange {
  /** The same whenever this change is told, and no other change's. */
  readonly id: string
  readonly at: Instant
  readonly device: string
  /** Mail address of the device's owner, where there is one. */
  readonly owner: string | undefined
  readonly previous: ComplianceStatus
  readonly current: ComplianceStatus
  /** For administrators, in English. Not empty. */
  readonly reason: string
}

/** Claims of a security event token (RFC 8417): without `sub` and `exp`, and with one event (SSF 1.0 section 4.1). */
export interface SecurityEvent {
  readonly iss: string
  readonly aud: string
  readonly jti: string
  /** Seconds since 1970. */
  readonly iat: number
  readonly sub_id: Readonly<Record<string, unknown>>
  readonly events: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** What a state is in CAEP's words: compliant is whoever may still do what is for healthy devices. */
export const statusOf = (state: ComplianceState): ComplianceStatus =>
  isHealthyState(state) ? 'compliant' : 'not-compliant'

/** The event for one receiver. The subject is the device, as `issuer` knows it, with its owner (RFC 9493). */
export function complianceChangeEvent(
  change: ComplianceChange,
  { issuer, audience }: { issuer: string; audience: string },
): SecurityEvent {
  const { id, at, device, owner, previous, current, reason } = change
  const seconds = Math.floor(at / 1000)
  return {
    iss: issuer,
    aud: audience,
    jti: id,
    iat: seconds,
    sub_id: {
      format: 'complex',
      device: { format: 'iss_sub', iss: issuer, sub: device },
      ...(owner !== undefined && { user: { format: 'email', email: owner } }),
    },
    events: {
      [complianceChangeType]: {
        previous_status: previous,
        current_status: current,
        event_timestamp: seconds,
        initiating_entity: 'policy',
        reason_admin: { en: reason },
      },
    },
  }
}
