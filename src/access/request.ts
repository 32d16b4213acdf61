import type { ComplianceState } from '../compliance/verdict.ts'
import type { Instant } from '../base/clock.ts'
import type { Identity } from '../conditional/sign-in.ts'
import type { DeviceId, PartnershipId } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import type { AutoblockBehavior, AutoblockThreshold } from './policy.ts'

/** One attempt to reach mail, after authentication. */
export interface AccessRequest {
  readonly user: UserId
  readonly protocol: 'eas'
  readonly partnership: PartnershipId
  /** The client's last word on the mailbox policy; where the door does not say, the word before it stands. */
  readonly policyRefused?: boolean
  /** Where the client is, as the door saw it; where the door does not say, the address before it stands. */
  readonly address?: string
  /** What was asked for and with which user agent: a client that runs wild is seen by these. */
  readonly command?: string
  readonly userAgent?: string
}

/** A block that a client brought upon itself. */
export interface Autoblock {
  readonly threshold: AutoblockThreshold & { readonly behavior: AutoblockBehavior }
  readonly until: Instant
}

/** What is known of the attempt at the moment of deciding: all that `decide` may look at besides policies and time. */
export interface Circumstances {
  readonly user: {
    readonly id: UserId
    readonly enabled: boolean
    /** Group ids, nested ones included. */
    readonly groups: ReadonlySet<string>
    readonly role?: 'user' | 'administrator'
    /** Where the snapshot keeps the user; see `Identity.number`. */
    readonly number?: number
  }
  readonly eas: {
    readonly deviceId: string
    readonly deviceType: string
    readonly userAgent: string
    /** `X-MS-WL`, which Outlook's cloud sends. */
    readonly wlHeader?: string | undefined
    readonly model: string | undefined
    readonly operatingSystem: string | undefined
    /** Platform by device type, user agent and facts; unverified unless the device is managed. */
    readonly platform: string
    readonly firstSeenAt: Instant
    /** The client answered that it will not apply the mailbox policy. */
    readonly policyRefused: boolean
  }
  readonly device:
    | undefined
    | {
        readonly id: DeviceId
        /** Where the snapshot keeps it; see `SignInDevice.number`. */
        readonly number?: number
        readonly registered: boolean
        readonly managed: boolean
        readonly activated: boolean
        /** A Windows PC that is joined to the company's domain, by more than its own claim. */
        readonly domainJoined?: boolean
        readonly compliance: ComplianceState
        /** Noncompliant rules, for the reasons. */
        readonly findings: readonly { rule: string; measured: unknown; required: unknown }[]
        readonly graceUntil: number | undefined
        /** What device filters may ask for besides, by Graph's names. */
        readonly attributes?: Readonly<Record<string, string | undefined>>
      }
  /** Where the client was last seen. */
  readonly address?: string | undefined
  /** The client ran wild, and is kept out for a while. */
  readonly autoblock?: Autoblock | undefined
  /** Administrator's answer where the policy asks for approval. */
  readonly approved: boolean
}

/** The client and its device, as they were when a decision was made. */
export interface LoggedClient {
  readonly deviceId: string
  readonly deviceType: string
  readonly userAgent: string
  readonly platform: string
  readonly operatingSystem?: string | undefined
  readonly model?: string | undefined
  /** Of the enrolled device, where there is one. */
  readonly device?: DeviceId
  readonly deviceName?: string | undefined
  readonly compliance?: ComplianceState
}

/** What the log keeps of a client. */
export function loggedClient({ eas, device }: Circumstances): LoggedClient {
  const { deviceId, deviceType, userAgent, platform, operatingSystem, model } = eas
  return {
    deviceId,
    deviceType,
    userAgent,
    platform,
    operatingSystem,
    model,
    ...(device && {
      device: device.id,
      deviceName: device.attributes?.['displayName'],
      compliance: device.compliance,
    }),
  }
}

/** Graph's template id of the role that an administrator of this site has: Global Administrator. */
const administratorRole = '62e90394-69f5-4237-9190-012177145e10'

/** A user as conditional access policies see them. */
export function identityOf(user: Omit<Circumstances['user'], 'enabled'>): Identity {
  const { number, id, groups, role } = user
  const roles = new Set(role === 'administrator' ? [administratorRole] : [])
  return { number, kind: 'user', id, groups, roles }
}

/** An attempt of a user of whom no client is known: from nowhere in particular, with no device. */
export function bareAttempt(user: Circumstances['user']): Circumstances {
  return {
    user,
    eas: {
      deviceId: '',
      deviceType: '',
      userAgent: '',
      model: undefined,
      operatingSystem: undefined,
      platform: 'unknown',
      firstSeenAt: 0,
      policyRefused: false,
    },
    device: undefined,
    approved: false,
  }
}
