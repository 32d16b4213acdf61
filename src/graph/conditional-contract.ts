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
