import { controlsInWords } from '../control-words.ts'
import type { Reason } from '../decision.ts'
import { healthyUntil, illnessOf, isHealthy, whatIsMissing } from '../health.ts'
import type { Answer, Condition, Question } from './condition.ts'

const least = (moments: readonly (number | undefined)[]): number | undefined => {
  const known = moments.filter((moment) => moment !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}

const until: NonNullable<Condition['until']> = ({ conditional, circumstances: { device } }) =>
  conditional && least([conditional.decision.recheckAt, healthyUntil(device)])

/** A conditional access policy stands against this attempt. What a healthy device would cure is quarantine, all else a block. */
export const conditionalAccess: Condition = {
  name: 'conditionalAccess',
  ofPolicy: true,
  judge(question) {
    const { conditional } = question
    if (!conditional || conditional.decision.outcome === 'grant') return undefined
    const policy = nameOf(conditional.decision.policies, ['failure', 'interrupted'])
    return conditional.curable
      ? cureOf(question, policy)
      : refusalOf(conditional.decision.required, policy)
  },
  until,
  because({ conditional }) {
    if (!conditional) return 'there is no conditional access policy'
    const { outcome, required } = conditional.decision
    return outcome === 'grant'
      ? 'every policy that applies is satisfied'
      : `not satisfied: ${controlsInWords(required)}`
  },
}

/** Some policy applies and all are satisfied: Exchange's own rules are not asked. */
export const conditionalAccessGranted: Condition = {
  name: 'conditionalAccessGranted',
  ofPolicy: true,
  judge({ conditional, circumstances: { device }, now, met }) {
    if (met || !conditional?.governs) return undefined
    const policy = nameOf(conditional.decision.policies, ['success'])
    const stateReason = isHealthy(device, now) ? 'compliant' : 'other'
    return { level: 'allow', stateReason, reasons: [{ code: stateReason, policy }] }
  },
  until,
  because: ({ conditional }) =>
    conditional?.governs
      ? 'a conditional access policy applies and is satisfied'
      : 'no conditional access policy applies',
}

type Results = NonNullable<Question['conditional']>['decision']['policies']

const nameOf = (policies: Results, results: readonly string[]): string =>
  policies.find(({ result }) => results.includes(result))?.displayName ?? ''

function cureOf({ circumstances: { device }, now }: Question, policy: string): Answer {
  const missing = whatIsMissing(device)
  if (missing)
    return quarantine('notEnrolled', [{ code: 'notEnrolled', policy, measured: missing }])
  if (!device?.activated) return quarantine('notActivated', [{ code: 'notActivated', policy }])
  // Also where a filter, not the demand for compliance, wants another device than this one.
  if (isHealthy(device, now)) return refusalOf([], policy)
  return quarantine('notCompliant', illnessOf(device, policy))
}

function quarantine(stateReason: Answer['stateReason'], reasons: readonly Reason[]): Answer {
  return { level: 'quarantine', stateReason, reasons }
}

/** Controls that a second factor or a new password would satisfy, if EAS could ask for them. */
const factors = /^(mfa|authenticationStrength:.*|passwordChange|signInFrequency)$/

function refusalOf(required: readonly string[], policy: string): Answer {
  const factor = required.length > 0 && required.every((control) => factors.test(control))
  const stateReason = factor ? 'mfaRequired' : 'azureADBlockDueToAccessPolicy'
  const demanded = controlsInWords(required)
  return {
    level: 'block',
    stateReason,
    reasons: [{ code: stateReason, policy, ...(demanded && { required: demanded }) }],
  }
}
