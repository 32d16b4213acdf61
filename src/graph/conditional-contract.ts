/** What one conditional access policy says of a sign-in that is only thought of: Graph's `whatIfAnalysisResult`, and more. */
export interface ForeseenPolicy {
  readonly id: string
  readonly displayName: string
  readonly state: 'enabled' | 'disabled' | 'enabledForReportingButNotEnforced'
  readonly policyApplies: boolean
  /** Graph's `whatIfAnalysisReasons`: the first condition that is not met; `notSet` where it applies. */
  readonly analysisReasons: string
  /** What Graph does not tell. */
  readonly postern: {
    /** Graph's `appliedConditionalAccessPolicyResult`. */
    readonly result: string
    /** Controls that are not satisfied. */
    readonly missing: readonly string[]
    readonly conditions: readonly {
      readonly name: string
      readonly met: boolean
      readonly measured: string
    }[]
    readonly controls: readonly { readonly name: string; readonly satisfied: boolean }[]
    /** What of it cannot be evaluated, and so fails closed. */
    readonly unevaluated: readonly string[]
  }
}

/** Graph's answer to `evaluate`; what comes out of all policies together besides. */
export interface WhatIfBody {
  readonly value: readonly ForeseenPolicy[]
  readonly postern: {
    /** `interrupt`: the user can still do something about it. */
    readonly outcome: 'grant' | 'block' | 'interrupt'
    /** AADSTS code; null where it is granted. */
    readonly errorCode: number | null
    /** The controls of the policies that stand in the way. */
    readonly required: readonly string[]
  }
}

/** A conditional access policy as an administrator reads it: with names, and what of it is not understood. */
export interface ConditionalPolicyRow {
  readonly id: string
  readonly displayName: string
  readonly state: ForeseenPolicy['state']
  /** Users, groups and roles; `All` and other words of Graph's as they are. */
  readonly includes: readonly string[]
  readonly excludes: readonly string[]
  readonly clientAppTypes: readonly string[]
  /** All of them, or one of them where `operator` is `OR`. */
  readonly controls: readonly string[]
  readonly operator: 'AND' | 'OR'
  /** What of it cannot be evaluated, and so fails closed. */
  readonly unevaluated: readonly string[]
}

/** A way to mail without a device that is known, in words. */
export interface HoleRow {
  readonly id: string
  /** `exception`: only for whom policies exclude and never include. `undecided`: to be taken for a hole. */
  readonly kind: 'hole' | 'exception' | 'undecided'
  readonly who: string
  readonly client: string
  readonly platform: string
  /** Empty: from anywhere, having done nothing more, with any device. */
  readonly from: string
  readonly done: string
  readonly device: string
}

/** What there is to say of all conditional access policies together (docs/admin/analyse.md). */
export interface HolesBody {
  /** How many policies count. */
  readonly policyCount: number
  readonly holes: readonly HoleRow[]
  readonly surplus: readonly {
    readonly id: string
    readonly policy: string
    readonly kind: 'neverApplies' | 'shadowed' | 'redundant'
    /** Conditions that nobody meets, or the policies that refuse already. */
    readonly because: readonly string[]
  }[]
}
