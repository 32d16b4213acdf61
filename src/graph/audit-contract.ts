/** One decision as Graph tells of a sign-in (`signIn`); `postern` holds what Graph has no word for. */
export interface SignInBody {
  readonly id: string
  readonly createdDateTime: string
  readonly userId: string
  readonly userPrincipalName: string
  readonly userDisplayName: string
  readonly appId: string
  readonly appDisplayName: string
  readonly resourceDisplayName: string
  readonly ipAddress: string
  readonly clientAppUsed: string
  readonly isInteractive: boolean
  readonly conditionalAccessStatus: 'success' | 'failure' | 'notApplied'
  readonly status: {
    readonly errorCode: number
    readonly failureReason: string
    readonly additionalDetails: string
  }
  readonly deviceDetail: {
    readonly deviceId: string
    readonly displayName: string
    readonly operatingSystem: string
    readonly browser: string
    readonly isCompliant: boolean
    readonly isManaged: boolean
    readonly trustType: string
  }
  readonly appliedConditionalAccessPolicies: readonly {
    readonly id: string
    readonly displayName: string
    readonly result: string
    /** By the names that a policy has them by: `block`, `compliantDevice`, `mfa`, `signInFrequency`. */
    readonly enforcedGrantControls: readonly string[]
    readonly enforcedSessionControls: readonly string[]
  }[]
  readonly postern: {
    /** Id of the client. */
    readonly partnership: string
    readonly outcome: string
    readonly was: string | null
    readonly judged: string
    readonly enforced: boolean
    readonly state: string
    readonly stateReason: string
    readonly easDeviceId: string
    readonly easDeviceType: string
    readonly userAgent: string
    readonly reasons: readonly {
      readonly code: string
      readonly policy?: string
      readonly measured?: string | number | boolean
      readonly required?: string | number | boolean
    }[]
    readonly path: readonly string[]
    readonly latencyMs: number
  }
}

/** One change as Graph tells of it (`directoryAudit`); more is in `/postern/history`. */
export interface DirectoryAuditBody {
  /** The number of its entry. */
  readonly id: string
  readonly category: 'Policy'
  readonly correlationId: string
  readonly result: 'success'
  readonly resultReason: string
  readonly activityDisplayName: string
  readonly activityDateTime: string
  readonly loggedByService: string
  readonly operationType: 'Add' | 'Update' | 'Delete'
  /** A person, or what acts by itself. */
  readonly initiatedBy: {
    readonly user: {
      readonly id: string | null
      readonly displayName: string | null
      readonly userPrincipalName: string
      readonly ipAddress: null
    } | null
    readonly app: { readonly displayName: string } | null
  }
  readonly targetResources: readonly [
    {
      readonly id: string
      readonly displayName: string
      readonly type: 'Policy'
      readonly modifiedProperties: readonly {
        readonly displayName: string
        /** JSON. */
        readonly oldValue: string | null
        readonly newValue: string | null
      }[]
    },
  ]
  readonly additionalDetails: readonly { readonly key: string; readonly value: string }[]
}
