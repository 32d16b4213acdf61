import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { and, type Formula, holds } from '../logic/formula.ts'
import { type Atom, isInteractive, isTrue } from './atom.ts'
import type { Condition, Known } from './conditions/condition.ts'
import { conditions } from './conditions/table.ts'
import { legacy } from './controls/control.ts'
import { type Grant, grantOf, unevaluatedControls } from './controls/grant.ts'
import { freshUntil, frequencyOf, sessionControlsOf } from './controls/session.ts'
import type { Places } from './places.ts'
import type { ConditionalAccessPolicy } from './policy.ts'
import type { SignIn } from './sign-in.ts'

/** Graph's `appliedConditionalAccessPolicyResult`. */
export type PolicyOutcome =
  | 'success'
  | 'failure'
  | 'interrupted'
  | 'notApplied'
  | 'notEnabled'
  | 'reportOnlySuccess'
  | 'reportOnlyFailure'
  | 'reportOnlyInterrupted'
  | 'reportOnlyNotApplied'

/** A policy with its meaning. */
export interface Prepared {
  readonly policy: ConditionalAccessPolicy
  readonly parts: readonly { readonly condition: Condition; readonly formula: Formula<Atom> }[]
  /** All conditions together. */
  readonly applies: Formula<Atom>
  readonly grant: Grant
  /** Session controls that it sets. */
  readonly sessionControls: readonly string[]
  /** How old a proof of identity may be, in milliseconds. */
  readonly frequency: number | undefined
  /** What of it cannot be evaluated, and therefore fails closed. */
  readonly unevaluated: readonly string[]
}

/** Gives a policy its meaning; done once, for any number of sign-ins. */
export function preparePolicy(
  policy: ConditionalAccessPolicy,
  known: Known,
  table: readonly Condition[] = conditions,
): Prepared {
  const parts = table.map((condition) => ({
    condition,
    formula: meaningOf(condition, policy, known),
  }))
  return {
    policy,
    parts,
    applies: and(...parts.map(({ formula }) => formula)),
    grant: grantOf(policy, known),
    sessionControls: sessionControlsOf(policy),
    frequency: frequencyOf(policy),
    unevaluated: [
      ...table.flatMap((condition) => condition.unevaluated?.(policy, known) ?? []),
      ...unevaluatedControls(policy, known),
    ],
  }
}

/** A fault of ours, told with its place; whoever asks the policies refuses then. */
function meaningOf(condition: Condition, policy: ConditionalAccessPolicy, known: Known) {
  try {
    return condition.formula(policy, known)
  } catch (cause) {
    throw new Failure('internal', `condition ${condition.name} of policy ${policy.displayName}`, {
      cause,
    })
  }
}

/** What one policy says of one sign-in. */
export interface PolicyResult {
  readonly id: string
  readonly displayName: string
  readonly result: PolicyOutcome
  /** Controls that are not satisfied, in the order in which a user is asked for them. */
  readonly missing: readonly string[]
  readonly sessionControls: readonly string[]
}

/** May this sign-in go on? */
export interface Decision {
  /** `interrupt`: the user can still do something about it. */
  readonly outcome: 'grant' | 'block' | 'interrupt'
  /** AADSTS code, unless it is granted. */
  readonly errorCode?: number
  /** The controls of the policies that stand in the way. */
  readonly required: readonly string[]
  /** All that was evaluated, in the order of the policies. */
  readonly policies: readonly PolicyResult[]
  readonly sessionControls: readonly string[]
  /** First moment at which a proof of identity is too old. */
  readonly recheckAt?: Instant
}

/** Asks every policy. All that apply must be satisfied; report-only ones are asked, and change nothing. */
export function decide(
  prepared: readonly Prepared[],
  signIn: SignIn,
  places: Places,
  now: Instant,
): Decision {
  const isMet = (atom: Atom) => isTrue(atom, signIn, places)
  return conclude(
    prepared.map((one) =>
      one.policy.state === 'disabled' || !holds(one.applies, isMet)
        ? say(one.policy, 'notApplied')
        : judgeDemands(one, signIn, isMet, now),
    ),
    now,
  )
}

/** One policy on one sign-in. */
export interface Judged {
  readonly result: PolicyResult
  /** Whether what it says counts. */
  readonly enforced: boolean
  readonly errorCode: number
  /** Until when the proof of identity is fresh. */
  readonly until?: Instant
}

/** What policies, each judged, come to together. */
export function conclude(judged: readonly Judged[], now: Instant): Decision {
  const enforced = judged.filter((one) => one.enforced)
  const failing = enforced.filter(({ result }) => result.result === 'failure')
  const open =
    failing.length > 0 ? failing : enforced.filter(({ result }) => result.result === 'interrupted')
  // Where something blocks for good, nothing else is worth telling.
  const first = open.find(({ result }) => result.missing.includes('block')) ?? open[0]
  const moments = enforced.flatMap(({ until }) =>
    until !== undefined && until > now ? [until] : [],
  )
  return {
    outcome: failing.length > 0 ? 'block' : open.length > 0 ? 'interrupt' : 'grant',
    ...(first && { errorCode: first.errorCode }),
    required: [...new Set(open.flatMap(({ result }) => result.missing))],
    policies: judged.map(({ result }) => result),
    sessionControls: [
      ...new Set(
        enforced.flatMap(({ result }) =>
          result.result === 'success' ? result.sessionControls : [],
        ),
      ),
    ],
    ...(moments.length > 0 && { recheckAt: Math.min(...moments) }),
  }
}

/** What a policy that applies demands of the sign-in. */
export function judgeDemands(
  { policy, grant, frequency }: Prepared,
  signIn: SignIn,
  isMet: (atom: Atom) => boolean,
  now: Instant,
): Judged {
  const unmet = grant.controls.filter(({ formula }) => !holds(formula, isMet))
  if (!holds(grant.formula, isMet)) {
    const could = holds(grant.formula, (atom) => isInteractive(atom) || isMet(atom))
    const missing = could
      ? unmet.filter(({ formula }) => holds(formula, (atom) => isInteractive(atom) || isMet(atom)))
      : unmet
    return say(
      policy,
      could ? 'interrupted' : 'failure',
      missing.map(({ name }) => name),
      { errorCode: missing[0]?.errorCode ?? 53003 },
    )
  }
  // A password that is sent with every request is always fresh.
  if (frequency === undefined || holds(legacy, isMet)) return say(policy, 'success')
  const until = freshUntil(frequency, signIn.authenticatedAt)
  return now < until
    ? say(policy, 'success', [], { until })
    : say(policy, 'interrupted', ['signInFrequency'], { errorCode: 50133 })
}

type Plain = 'success' | 'failure' | 'interrupted' | 'notApplied'

const reportOnly = {
  success: 'reportOnlySuccess',
  failure: 'reportOnlyFailure',
  interrupted: 'reportOnlyInterrupted',
  notApplied: 'reportOnlyNotApplied',
} as const

function say(
  policy: ConditionalAccessPolicy,
  plain: Plain,
  missing: readonly string[] = [],
  rest: Partial<Judged> = {},
): Judged {
  const { id, displayName, state } = policy
  return {
    result: {
      id,
      displayName,
      result: state === 'disabled' ? 'notEnabled' : state === 'enabled' ? plain : reportOnly[plain],
      missing,
      sessionControls: plain === 'notApplied' ? [] : sessionControlsOf(policy),
    },
    enforced: state === 'enabled',
    errorCode: 0,
    ...rest,
  }
}

/** Why a policy applies or not: every condition with what the sign-in brought to it. */
export interface PolicyExplanation {
  readonly id: string
  readonly displayName: string
  readonly applies: boolean
  readonly conditions: readonly {
    readonly name: string
    readonly met: boolean
    readonly measured: string
  }[]
  readonly controls: readonly { readonly name: string; readonly satisfied: boolean }[]
  readonly unevaluated: readonly string[]
}

/** The same formulas once more, each told apart. */
export function explain(
  prepared: readonly Prepared[],
  signIn: SignIn,
  places: Places,
): readonly PolicyExplanation[] {
  const isMet = (atom: Atom) => isTrue(atom, signIn, places)
  return prepared.map(({ policy, parts, grant, unevaluated }) => {
    const told = parts.map(({ condition, formula }) => ({
      name: condition.name,
      met: holds(formula, isMet),
      measured: condition.measured(signIn),
    }))
    return {
      id: policy.id,
      displayName: policy.displayName,
      applies: told.every(({ met }) => met),
      conditions: told,
      controls: grant.controls.map(({ name, formula }) => ({
        name,
        satisfied: holds(formula, isMet),
      })),
      unevaluated,
    }
  })
}
