import { z } from 'zod'
import { enforcementBody, type LockoutDanger, policyDocument, text } from './contract.ts'

/** Confirms the very consequence that a refusal named. */
export const confirmHeader = 'x-postern-confirm'
/** After so many seconds the change is undone, unless it is confirmed. */
export const rollbackHeader = 'x-postern-rollback-after'

/** A client to whom a draft of policies gives another answer than the policies in force. */
export interface TriedClient {
  readonly id: string
  readonly userPrincipalName: string
  readonly userDisplayName: string
  readonly easDeviceId: string
  /** From where it would be so, where that is known. */
  readonly ipAddress: string | null
  readonly before: string
  readonly after: string
  /** Of what the draft says: a code, and the same in words. */
  readonly reason: string
  readonly title: string
  readonly policy: string | null
  /** What its device would not meet, where compliance policies are drafted. */
  readonly findings: readonly TriedFinding[]
  /** When the grace ends that would begin for its device. */
  readonly graceEndDateTime: string | null
}

/** A setting that a device would not meet. */
interface TriedFinding {
  readonly setting: string
  readonly title: string
  readonly policy: string
  readonly measured: string | number | boolean
  readonly required: string | number | boolean
}

/** What a draft of policies would do to everybody who is known; the lists stop at a page, the counts do not. */
export interface ConsequenceBody {
  readonly clients: number
  readonly attempts: number
  readonly letIn: number
  readonly newlyBlockedCount: number
  readonly newlyBlocked: readonly TriedClient[]
  readonly newlyAllowedCount: number
  readonly newlyAllowed: readonly TriedClient[]
  /** They lose mail when a grace ends that begins with the draft. */
  readonly newlyInGraceCount: number
  readonly newlyInGrace: readonly TriedClient[]
  readonly dangers: readonly LockoutDanger[]
  /** What a change with these dangers is to be confirmed with. */
  readonly confirm: string | null
}

/** A change of policies that is undone unless it is confirmed. */
export interface UnconfirmedBody {
  readonly actor: string
  readonly changedDateTime: string
  readonly rollbackDateTime: string
  readonly parts: readonly string[]
}

const graphDocuments = z.array(z.record(z.string(), z.unknown())).max(1000)

/** A draft of policies: those in Graph's JSON go over those of the same id or name, the rest as it is applied. */
export const draftBody = z.strictObject({
  documents: z.array(policyDocument).max(1000).optional(),
  conditionalAccessPolicies: graphDocuments.optional(),
  namedLocations: graphDocuments.optional(),
  /** One without assignments is for whom its namesake is for; a new one for nobody. */
  deviceCompliancePolicies: graphDocuments.optional(),
  enforcement: enforcementBody.optional(),
})

export type DraftBody = z.infer<typeof draftBody>

/** What a change may not do without a confirmation. Users and groups by name. */
export const lockoutGuardBody = z.strictObject({
  breakGlassUsers: z.array(text(256)).max(100).default([]),
  breakGlassGroups: z.array(text(256)).max(100).default([]),
  mostPercent: z.number().int().min(0).max(100),
  leastClients: z.number().int().min(1).max(100_000),
})

export type LockoutGuardBody = z.infer<typeof lockoutGuardBody>
