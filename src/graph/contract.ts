import { z } from 'zod'

/** Where the API lives. Names follow Microsoft Graph where Graph has the thing; the rest is below `/postern`. */
export const base = '/v1.0'

/** Why a change of policies needs a second look. Users by their sign-in names. */
export type LockoutDanger =
  | {
      readonly kind: 'actor' | 'lastAdministrator' | 'breakGlass'
      readonly users: readonly string[]
    }
  | {
      readonly kind: 'share'
      readonly blocked: number
      readonly letIn: number
      readonly mostPercent: number
    }

/** Graph's error envelope. */
export interface ErrorBody {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly innerError: {
      readonly id: string
      readonly hint: string
      /** Of a change that would lock people out. */
      readonly dangers?: readonly LockoutDanger[]
      readonly confirm?: string
    }
  }
}

/** Graph's collection envelope. */
export interface Collection<T> {
  readonly '@odata.count': number
  /** Where the list goes on. */
  readonly '@odata.nextLink'?: string
  readonly value: readonly T[]
}

export interface UserRow {
  readonly id: string
  readonly userPrincipalName: string
  readonly displayName: string
  readonly mail: string
  readonly accountEnabled: boolean
  readonly role: 'user' | 'administrator'
  readonly memberOf: readonly string[]
  /** BCP 47. */
  readonly preferredLanguage: string | null
}

export interface GroupRow {
  readonly id: string
  readonly displayName: string
  /** Names of direct members; groups carry `isGroup`. */
  readonly members: readonly {
    readonly id: string
    readonly name: string
    readonly isGroup: boolean
  }[]
}

/** What is wrong with a device, in words, and what to do. */
export interface Issue {
  readonly rule: string
  readonly title: string
  readonly explanation: string
  readonly howToResolve: string
  readonly measured?: string
  readonly required?: string
}

/**
 * One row of the devices page: a partnership (user × EAS client) with its device if it has one, or a device that never
 * came over EAS. Property names are those of Graph's `managedDevice`.
 */
export interface ManagedDevice {
  readonly id: string
  readonly deviceName: string
  readonly userPrincipalName: string
  readonly userDisplayName: string
  readonly emailAddress: string
  readonly exchangeAccessState:
    | 'none'
    | 'unknown'
    | 'allowed'
    | 'blocked'
    | 'quarantined'
    | 'deviceDiscovery'
  readonly exchangeAccessStateReason: string
  /** While the site observes: what enforcing would do. */
  readonly judged: 'allow' | 'block' | 'quarantine' | 'challenge' | 'none'
  readonly enforced: boolean
  readonly complianceState: string
  readonly complianceGracePeriodExpirationDateTime: string | null
  readonly exchangeLastSuccessfulSyncDateTime: string | null
  readonly lastSyncDateTime: string | null
  readonly enrolledDateTime: string | null
  readonly firstSeenDateTime: string | null
  readonly operatingSystem: string
  readonly osVersion: string
  readonly model: string
  readonly easDeviceId: string
  readonly easDeviceType: string
  readonly easVersion: string
  readonly userAgent: string
  readonly easActivated: boolean
  readonly azureADRegistered: boolean
  readonly azureADDeviceId: string | null
  readonly managedDeviceOwnerType: 'company' | 'personal' | 'unknown'
  readonly managementAgent: 'eas' | 'mdm' | 'easMdm'
  readonly imei: string
  readonly serialNumber: string
  readonly phoneNumber: string
  readonly issues: readonly Issue[]
}

/** How many devices are in which state; the first part is Graph's `managedDeviceOverview`. */
export interface DeviceOverview {
  readonly enrolledDeviceCount: number
  readonly deviceExchangeAccessStateSummary: {
    readonly allowedDeviceCount: number
    readonly blockedDeviceCount: number
    readonly quarantinedDeviceCount: number
    readonly unknownDeviceCount: number
    /** Never came over EAS. */
    readonly unavailableDeviceCount: number
  }
  readonly totalDeviceCount: number
  readonly noncompliantDeviceCount: number
  readonly approvalPendingDeviceCount: number
  /** They read mail now, and enforcing for everyone would end that. */
  readonly keptOnlyByObservingDeviceCount: number
}

/** A device whose mail a change of enforcement ends or brings back. */
export interface AffectedDevice {
  readonly id: string
  readonly deviceName: string
  readonly userPrincipalName: string
  readonly userDisplayName: string
  readonly judged: ManagedDevice['judged']
  readonly reason: string
}

/** What beginning or ending enforcement would do; the lists stop at a thousand, the counts do not. */
export interface EnforcementPreview {
  readonly total: number
  readonly loseCount: number
  readonly loseUserCount: number
  readonly lose: readonly AffectedDevice[]
  readonly regainCount: number
  readonly regain: readonly AffectedDevice[]
}

/** What `/postern/changes` and `/me/changes` send: kinds of news since the last event. */
export interface ChangeEvent {
  readonly kinds: readonly string[]
}

/** Mail accounts that a user may set up alone, and what is to be removed again. */
export interface MyMailProfiles {
  readonly value: readonly {
    readonly id: string
    readonly displayName: string
    readonly description: string
  }[]
  readonly remove: readonly {
    readonly identifier: string
    /** Id of the device, or of the user. */
    readonly place: string
    readonly displayName: string
  }[]
}

export interface ExplanationBody {
  readonly outcome: string
  readonly judged: string
  readonly enforced: boolean
  readonly state: string
  readonly stateReason: string
  readonly recheckAt: string | null
  readonly reasons: readonly {
    readonly code: string
    readonly title: string
    /** Said to the device's user: what would change it. */
    readonly whatToDo: string
    readonly policy?: string
    readonly measured?: string
    readonly required?: string
  }[]
  readonly steps: readonly {
    readonly step: string
    readonly matched: boolean
    readonly because: string
  }[]
}

export interface LogRow {
  readonly seq: number
  readonly at: string
  readonly device: string
  readonly user: string
  readonly outcome: string
  readonly was: string | null
  readonly judged: ManagedDevice['judged']
  readonly enforced: boolean
  readonly stateReason: string
  readonly reasons: readonly string[]
  readonly path: readonly string[]
}

/** A step of the portal. */
export type StepState = 'done' | 'open' | 'waiting'

/** One of my mail clients, as the portal shows it. */
export interface PortalClient {
  readonly id: string
  /** The device that it is bound to. */
  readonly deviceId: string | null
  readonly name: string
  readonly model: string
  readonly operatingSystem: string
  readonly easDeviceId: string
  readonly easDeviceType: string
  readonly firstSeen: string
  readonly lastSeen: string
  readonly exchangeAccessState: ManagedDevice['exchangeAccessState']
  /** While the site observes: what enforcing would do. */
  readonly judged: ManagedDevice['judged']
  readonly enrollment: StepState
  readonly compliance: StepState
  readonly activation: StepState
  readonly graceUntil: string | null
  readonly issues: readonly Issue[]
  /** Why mail is held back, or would be once the site enforces; `null` where it is not. */
  readonly why: Spoken | null
  /** In the blocked list of the mailbox: by its user or by an administrator. */
  readonly blocked: boolean
}

/** A reason in words. */
export interface Spoken {
  readonly code: string
  readonly title: string
  readonly explanation: string
  readonly whatToDo: string
}

/** All that the portal shows to one user. */
export interface PortalBody {
  readonly value: readonly PortalClient[]
  /** Registered devices of the user: one of them may be the client's, after a reset. */
  readonly devices: readonly { readonly id: string; readonly name: string }[]
}

export interface SessionBody {
  readonly user: {
    readonly name: string
    readonly displayName: string
    readonly mail: string
    readonly role: 'user' | 'administrator'
    /** In what language they like to be written to, as a BCP 47 tag; null where nobody said. */
    readonly preferredLanguage: string | null
  }
  readonly csrf: string
  readonly site: {
    readonly enforcement: 'observing' | 'enforcing'
    readonly scope: 'all' | readonly string[]
  }
}

/** A template of policies with its settings. */
export interface PolicyTemplateRow {
  readonly id: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly settings: readonly {
    readonly key: string
    readonly kind: string
    readonly default: string
    readonly about: string
  }[]
}

export const csrfHeader = 'x-postern-csrf'
/** A page that asks by itself says so: an idle session is not kept alive by that. */
export const unattendedHeader = 'x-postern-unattended'

// ---- bodies that come in: parsed once, strictly

export const text = (most: number) => z.string().trim().min(1).max(most)

export const signInBody = z.strictObject({ name: text(256), password: z.string().min(1).max(1024) })
export const firstAdministratorBody = z.strictObject({
  token: text(128),
  name: text(256),
  mail: z.email().max(256),
  password: z.string().min(10).max(1024),
})
export const userBody = z.strictObject({
  userPrincipalName: text(256),
  displayName: text(256).optional(),
  mail: z.email().max(256),
  password: z.string().min(1).max(1024).optional(),
  role: z.enum(['user', 'administrator']).optional(),
  preferredLanguage: text(35).optional(),
})
export const userChangeBody = z.strictObject({
  displayName: text(256).optional(),
  mail: z.email().max(256).optional(),
  accountEnabled: z.boolean().optional(),
  password: z.string().min(1).max(1024).optional(),
  role: z.enum(['user', 'administrator']).optional(),
  preferredLanguage: text(35).nullable().optional(),
})
export const groupBody = z.strictObject({ displayName: text(256) })
export const membersBody = z.strictObject({
  add: z.array(text(256)).max(10_000).optional(),
  remove: z.array(text(256)).max(10_000).optional(),
})
export const enforcementBody = z.strictObject({
  state: z.enum(['observing', 'enforcing']),
  scope: z.union([z.literal('all'), z.array(text(256)).min(1).max(100)]).optional(),
})
export const confirmBody = z.strictObject({
  name: text(64).optional(),
  /** A registered device of the user's own, which has a new mail client; otherwise the device is new. */
  device: text(64).optional(),
})
export const certificateBody = z.strictObject({
  csrPem: z.string().max(16_384),
  name: text(64),
  deviceId: text(64).optional(),
})

/** Settings of a template, each as it is written after `--set`. */
export const templateBody = z.strictObject({
  settings: z.record(z.string().max(64), z.string().max(16_384)).default({}),
})

const groupNames = z.array(text(256)).max(1000)
const everyoneOrGroups = z.union([z.literal('all'), groupNames])
const characteristic = z.enum(['DeviceModel', 'DeviceType', 'DeviceOS', 'UserAgent', 'XMSWLHeader'])
const accessLevel = z.enum(['allow', 'block', 'quarantine'])

/** One of Exchange's device access rules. */
export interface DeviceAccessRuleRow {
  /** `Name(Characteristic)`, as Exchange calls it. */
  readonly identity: string
  readonly name: string
  readonly characteristic: string
  readonly queryString: string
  readonly accessLevel: string
}

/** A new one; without a name it is called what it asks for. */
export const deviceAccessRuleBody = z.strictObject({
  name: text(256).optional(),
  characteristic,
  queryString: text(256),
  accessLevel,
})

/** All of it that can change. */
export const deviceAccessRuleChange = z.strictObject({ accessLevel })
const platform = z.enum(['all', 'iOS', 'android', 'windows', 'windowsPhone', 'macOS', 'linux'])

/** One policy document of a folder that `postern policy apply` reads. Groups are named, never ids. */
export const policyDocument = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('compliancePolicy'),
    name: text(256),
    description: z.string().max(256).optional(),
    platform,
    // Which settings there are, and their values: `src/compliance/settings-schema.ts`, asked before anything is saved.
    settings: z.record(z.string().max(128), z.unknown()),
    /** Graph's type of policy, where it came from one. */
    type: z.string().max(64).optional(),
    /** What cannot be evaluated, so that no device meets it. */
    unsupported: z
      .array(z.strictObject({ setting: z.string().max(1024), reason: z.string().max(256) }))
      .max(1000)
      .optional(),
    severity: z
      .enum(['none', 'information', 'warning', 'critical', 'criticalWithEvent'])
      .optional(),
    gracePeriodHours: z.number().int().min(0).max(8760).default(0),
    /** Besides marking it noncompliant; and what Graph's JSON held. Both are checked before anything is saved. */
    actions: z.array(z.record(z.string(), z.unknown())).optional(),
    targets: z.array(z.record(z.string(), z.unknown())).optional(),
    origin: z.record(z.string(), z.unknown()).optional(),
    notReported: z.enum(['noncompliant', 'compliant']).default('noncompliant'),
    assignedTo: everyoneOrGroups.default('all'),
    excluded: groupNames.default([]),
  }),
  z.strictObject({
    kind: z.literal('exchangeOnline'),
    enabled: z.boolean(),
    targeted: everyoneOrGroups.default('all'),
    exempt: groupNames.default([]),
    blockNoncompliant: z.boolean().default(true),
    blockUnsupportedPlatforms: z.boolean().default(false),
    supportedPlatforms: z
      .array(platform.exclude(['all']))
      .default(['iOS', 'android', 'windows', 'macOS']),
    windowsRequirement: z
      .enum(['domainJoinedOrCompliant', 'domainJoined', 'compliant'])
      .default('domainJoinedOrCompliant'),
    requireApproval: z.boolean().default(false),
  }),
  z.strictObject({
    // What holds where the documents contradict each other.
    kind: z.literal('semantics'),
    afterPolicy: z.enum(['allow', 'exceptions', 'rules']).default('allow'),
    unmetPolicy: z.enum(['quarantine', 'block']).default('quarantine'),
    activation: z.enum(['required', 'matched']).default('required'),
  }),
  z.strictObject({
    kind: z.literal('deviceAccessRule'),
    name: text(256),
    characteristic,
    queryString: text(256),
    accessLevel,
  }),
  z.strictObject({
    // Which of the behaviors a gateway can see is asked before anything is saved.
    kind: z.literal('autoblockThreshold'),
    behavior: z.enum([
      'UserAgentsChanges',
      'RecentCommands',
      'SyncCommands',
      'Watsons',
      'OutOfBudgets',
      'EnableNotificationEmail',
      'CommandFrequency',
    ]),
    incidenceLimit: z.number().int().min(0),
    incidenceMinutes: z.number().int().min(1),
    blockMinutes: z.number().int().min(1),
  }),
  z.strictObject({
    kind: z.literal('organization'),
    defaultAccessLevel: accessLevel.default('allow'),
    userMailInsert: z.string().max(256).default(''),
    adminMailRecipients: z.array(z.email()).max(20).default([]),
    mailboxPolicy: z
      .strictObject({
        allowNonProvisionableDevices: z.boolean(),
        devicePasswordEnabled: z.boolean(),
        minDevicePasswordLength: z.number().int().min(1).max(16),
        alphanumericDevicePasswordRequired: z.boolean(),
        allowSimpleDevicePassword: z.boolean(),
        maxDevicePasswordFailedAttempts: z.number().int().min(4).max(16),
        maxInactivityTimeDeviceLockSeconds: z.number().int().min(30).max(3600),
        requireDeviceEncryption: z.boolean(),
      })
      .partial()
      .default({}),
  }),
])

export type PolicyDocument = z.infer<typeof policyDocument>

/** The whole set at once: what a folder of policy documents says, all or nothing. */
export const policySet = z.strictObject({ documents: z.array(policyDocument).max(1000) })

export type PolicySet = z.infer<typeof policySet>
