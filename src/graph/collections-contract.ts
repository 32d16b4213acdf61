/** A set of users or devices; collections that it speaks of by their names. */
export interface CollectionRow {
  readonly id: string
  readonly displayName: string
  readonly description: string | null
  readonly collectionType: 'user' | 'device'
  /** Ids of those who are members by name. */
  readonly directMembers: readonly string[]
  readonly rule: string | null
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly limiting: string | null
  readonly memberCount: number
  readonly createdDateTime: string
  readonly lastModifiedDateTime: string
}

/** Who is in a collection: a user with their address, or a device with its system. */
export interface CollectionMember {
  readonly id: string
  readonly displayName: string
  readonly detail: string
}

/** Who would be in a collection if it were changed so; the lists stop at a page, the counts do not. */
export interface CollectionPreview {
  readonly memberCount: number
  readonly joinCount: number
  readonly joining: readonly CollectionMember[]
  readonly leaveCount: number
  readonly leaving: readonly CollectionMember[]
}

/** How a policy can stand on a device that it is deployed to. */
export const deploymentStates = [
  'compliant',
  'remediated',
  'noncompliant',
  'error',
  'unknown',
  'inProgress',
  'notApplicable',
] as const

/** A compliance policy with how many devices are in each state; they add up to the total. */
export interface DeploymentRow extends Readonly<Record<(typeof deploymentStates)[number], number>> {
  /** Of the policy. */
  readonly id: string
  readonly displayName: string
  readonly platform: string
  readonly total: number
}

/** Why devices are in their state, with how many of them; one device may have several. */
export interface DeploymentReason {
  /** Unique within a state. */
  readonly id: string
  readonly state: (typeof deploymentStates)[number]
  /** Of the policy that it is about. */
  readonly policyName: string
  readonly name: string
  readonly type: 'setting' | 'policy'
  /** What kind of trouble it is; empty where it is none. */
  readonly category: '' | 'value' | 'implausible' | 'notReported' | 'notEvaluated' | 'silent'
  /** The same in Configuration Manager's two words; empty where it is no trouble. */
  readonly errorCategory: '' | 'Discovery' | 'Infrastructural'
  /** Its number for it, in hexadecimal; empty where it has none. */
  readonly errorId: string
  /** Name of the setting, or the state. */
  readonly code: string
  /** What is demanded, where it is the same for all. */
  readonly required: string
  readonly deviceCount: number
}

/** One policy's deployment status, or that of all together; reasons of most devices first. */
export interface DeploymentBody extends DeploymentRow {
  readonly reasons: readonly DeploymentReason[]
}

/** One device that a policy is deployed to. */
export interface DeployedDeviceRow {
  readonly id: string
  readonly deviceName: string
  readonly userPrincipalName: string
  readonly state: (typeof deploymentStates)[number]
  /** Of its reasons, each once, with `; ` between them; empty where it has no trouble. */
  readonly errorCategory: string
  readonly errorId: string
  readonly lastReportDateTime: string | null
  readonly findings: readonly {
    readonly rule: string
    readonly measured: string | number | boolean
    readonly required: string | number | boolean
  }[]
}

/** A policy that demands a managed mail account of users who get no profile for one. */
export interface ProfileWarning {
  readonly code: 'noEmailProfile'
  readonly policy: string
  readonly setting: string
  readonly userCount: number
  /** The first twenty. */
  readonly users: readonly string[]
}
