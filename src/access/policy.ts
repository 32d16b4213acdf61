import type { Instant } from '../base/clock.ts'
import type {
  AuthenticationStrength,
  ConditionalAccessPolicy,
  NamedLocation,
} from '../conditional/policy.ts'
import type { PolicyDraft } from '../compliance/policy.ts'
import type { GroupId, UserId } from '../directory/directory.ts'

export type AccessLevel = 'allow' | 'block' | 'quarantine'

/** The classic conditional access policy for Exchange Online; one per site. */
export interface ExchangeOnlinePolicy {
  readonly enabled: boolean
  readonly targeted: 'all' | readonly GroupId[]
  /** Wins over `targeted`. */
  readonly exempt: readonly GroupId[]
  /** EAS option 1: noncompliant devices on supported platforms are kept out. */
  readonly blockNoncompliant: boolean
  /** EAS option 2: all other devices, on unsupported platforms, are blocked. */
  readonly blockUnsupportedPlatforms: boolean
  readonly supportedPlatforms: readonly string[]
  /** What a Windows PC must be. */
  readonly windowsRequirement: 'domainJoinedOrCompliant' | 'domainJoined' | 'compliant'
  /** An activated device also waits for an administrator's approval. */
  readonly requireApproval: boolean
}

/** What holds where the documents contradict each other and administrators differ: docs/decisions/0009 to 0011. */
export interface Semantics {
  /**
   * What follows for a client that meets the policies. `allow`: nothing else is asked. `exceptions`: personal lists and
   * device access rules are, the default level is not. `rules`: the default level is, too.
   */
  readonly afterPolicy: 'allow' | 'exceptions' | 'rules'
  /** What becomes of a client that does not meet the policies but could. */
  readonly unmetPolicy: 'quarantine' | 'block'
  /** `matched`: a client that is not activated is taken for the one device of its user that its claims fit. */
  readonly activation: 'required' | 'matched'
}

/** Exchange's device access rule: exact match, no wildcards. */
export interface DeviceAccessRule {
  readonly name: string
  readonly characteristic: 'DeviceModel' | 'DeviceType' | 'DeviceOS' | 'UserAgent' | 'XMSWLHeader'
  readonly queryString: string
  readonly accessLevel: AccessLevel
}

/** What Exchange watches in clients that run wild, as far as a gateway sees it; the rest is refused by name. */
export type AutoblockBehavior = 'UserAgentsChanges' | 'RecentCommands' | 'SyncCommands' | 'Watsons'

/** How often a client may do so before it is kept out for a while. A limit of 0 switches it off. */
export interface AutoblockThreshold {
  readonly behavior:
    | AutoblockBehavior
    | 'OutOfBudgets'
    | 'EnableNotificationEmail'
    | 'CommandFrequency'
  /** Incidents within the window that are one too many. */
  readonly incidenceLimit: number
  readonly incidenceMinutes: number
  readonly blockMinutes: number
}

export interface OrganizationSettings {
  readonly defaultAccessLevel: AccessLevel
  /** At most 256 characters, added to what users are told. */
  readonly userMailInsert: string
  readonly adminMailRecipients: readonly string[]
  /** EAS policy that clients must acknowledge. */
  readonly mailboxPolicy: MailboxPolicy
}

/** The EAS policy document's settings that this release sends (MS-ASPROV 2.2.2.28 EASProvisionDoc). */
export interface MailboxPolicy {
  readonly allowNonProvisionableDevices: boolean
  readonly devicePasswordEnabled: boolean
  readonly minDevicePasswordLength: number
  readonly alphanumericDevicePasswordRequired: boolean
  readonly allowSimpleDevicePassword: boolean
  readonly maxDevicePasswordFailedAttempts: number
  readonly maxInactivityTimeDeviceLockSeconds: number
  readonly requireDeviceEncryption: boolean
}

/** Exchange's per-mailbox settings. */
export interface CasMailbox {
  readonly user: UserId
  readonly activeSyncEnabled: boolean
  readonly allowedDeviceIds: readonly string[]
  readonly blockedDeviceIds: readonly string[]
}

/** A new site observes: it decides, records and shows, and lets pass. */
export interface Enforcement {
  readonly state: 'observing' | 'enforcing'
  /** Who is enforced once `state` is `enforcing`. */
  readonly scope: 'all' | readonly GroupId[]
}

/** Conditional access policies in Graph's shape, with what they refer to. Users and groups are our ids. */
export interface ConditionalAccess {
  readonly policies: readonly ConditionalAccessPolicy[]
  readonly namedLocations: readonly NamedLocation[]
  readonly authenticationStrengths: readonly AuthenticationStrength[]
}

/** What a change of policies may not do unless it is confirmed. Keeping the one who makes it, or the last administrator, from mail never is. */
export interface LockoutGuard {
  /** Accounts for emergencies, by themselves or by their groups. */
  readonly breakGlassUsers: readonly UserId[]
  readonly breakGlassGroups: readonly GroupId[]
  /** Of the clients that reach mail now; 100 allows all. */
  readonly mostPercent: number
  /** Where fewer reach mail, a share says nothing. */
  readonly leastClients: number
}

/** All that administrators set, besides compliance policies. */
export interface AccessPolicies {
  readonly exchangeOnline: ExchangeOnlinePolicy
  readonly semantics: Semantics
  readonly conditionalAccess: ConditionalAccess
  readonly deviceAccessRules: readonly DeviceAccessRule[]
  readonly autoblock: readonly AutoblockThreshold[]
  readonly organization: OrganizationSettings
  readonly casMailboxes: readonly CasMailbox[]
  readonly enforcement: Enforcement
  readonly lockout: LockoutGuard
}

/** A change that is undone unless it is confirmed. */
export interface Unconfirmed {
  readonly id: string
  readonly actor: string
  readonly at: Instant
  readonly undoAt: Instant
  /** The changed parts, as they were and as they became. */
  readonly before: ChangedParts
  readonly after: ChangedParts
}

/** Parts of the policies, and the compliance policies that were changed with them. */
export interface ChangedParts extends Partial<AccessPolicies> {
  readonly compliancePolicies?: readonly PolicyDraft[]
}

export const defaultAccessPolicies: AccessPolicies = {
  exchangeOnline: {
    enabled: false,
    targeted: 'all',
    exempt: [],
    blockNoncompliant: true,
    blockUnsupportedPlatforms: false,
    supportedPlatforms: ['iOS', 'android', 'windows', 'macOS'],
    windowsRequirement: 'domainJoinedOrCompliant',
    requireApproval: false,
  },
  semantics: { afterPolicy: 'allow', unmetPolicy: 'quarantine', activation: 'required' },
  conditionalAccess: { policies: [], namedLocations: [], authenticationStrengths: [] },
  deviceAccessRules: [],
  autoblock: [],
  organization: {
    defaultAccessLevel: 'allow',
    userMailInsert: '',
    adminMailRecipients: [],
    mailboxPolicy: {
      allowNonProvisionableDevices: false,
      devicePasswordEnabled: true,
      minDevicePasswordLength: 4,
      alphanumericDevicePasswordRequired: false,
      allowSimpleDevicePassword: true,
      maxDevicePasswordFailedAttempts: 8,
      maxInactivityTimeDeviceLockSeconds: 900,
      requireDeviceEncryption: false,
    },
  },
  casMailboxes: [],
  enforcement: { state: 'observing', scope: 'all' },
  lockout: { breakGlassUsers: [], breakGlassGroups: [], mostPercent: 25, leastClients: 10 },
}
