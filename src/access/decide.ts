import type { Instant } from '../base/clock.ts'
import type { Answer, Condition, Question } from './conditions/condition.ts'
import { askPolicies } from './conditional.ts'
import { type DecisionTable, decisionTable } from './conditions/table.ts'
import type { AccessState, Decision, Outcome } from './decision.ts'
import type { Explanation } from './gate.ts'
import type { AccessPolicies } from './policy.ts'
import { indexOf } from './policy-index.ts'
import type { Circumstances } from './request.ts'

/** Hears of every step that was asked. */
type Listener = (step: string, matched: boolean, because: string) => void

const stateOf: Readonly<Record<Outcome, AccessState>> = {
  allow: 'allowed',
  block: 'blocked',
  quarantine: 'quarantined',
  challenge: 'unknown',
}

/** May this attempt reach mail? Pure: the same question has the same answer until `recheckAt`. */
export function decide(
  circumstances: Circumstances,
  policies: AccessPolicies,
  now: Instant,
  table: DecisionTable = decisionTable,
): Decision {
  const { evaluator } = indexOf(policies)
  return evaluate(questionOf(circumstances, policies, now, evaluator?.compiled), table)
}

/** The same decision with what every step looked at; conditional access policies are asked as they stand, not compiled. */
export function explain(
  circumstances: Circumstances,
  policies: AccessPolicies,
  now: Instant,
  table: DecisionTable = decisionTable,
): Explanation {
  const steps: Explanation['steps'][number][] = []
  const { evaluator } = indexOf(policies)
  const question = questionOf(circumstances, policies, now, evaluator)
  const decision = evaluate(question, table, (step, matched, because) => {
    steps.push({ step, matched, because })
  })
  return { decision, circumstances, steps }
}

function questionOf(
  circumstances: Circumstances,
  policies: AccessPolicies,
  now: Instant,
  evaluator: Parameters<typeof askPolicies>[0],
): Question {
  const conditional = askPolicies(evaluator, circumstances, now)
  return { circumstances, policies, index: indexOf(policies), conditional, now }
}

function evaluate(first: Question, table: DecisionTable, listen?: Listener): Decision {
  let question = first
  const enforced = table.enforcement.matches(question)
  listen?.(table.enforcement.name, enforced, table.enforcement.because(question))
  const targeted = table.targeting.matches(question)
  listen?.(table.targeting.name, targeted, table.targeting.because(question))
  const path = [targeted ? 'targeted' : 'untargeted']
  let governed = targeted
  let recheckAt: Instant | undefined
  for (const step of table.steps) {
    if (step.for !== 'everyone' && (step.for === 'targeted') !== governed) continue
    const { condition } = step
    path.push(condition.name)
    // A step that does not speak now may do so later, so it is asked for its moment first.
    const until = condition.until?.(question)
    if (
      until !== undefined &&
      until > question.now &&
      until < (recheckAt ?? Number.POSITIVE_INFINITY)
    )
      recheckAt = until
    const answer = condition.judge(question)
    listen?.(condition.name, answer !== undefined, condition.because(question))
    if (answer && asksOn(answer, condition, question)) {
      question = { ...question, met: answer }
      governed = false
    } else if (answer)
      return {
        ...conclude(read(answer, condition, question), condition, enforced, path, recheckAt),
        // A step before them decided whatever they say.
        ...(path.includes('conditionalAccess') && appliedOf(question)),
      }
  }
  throw new Error('bug: no step of the decision table spoke')
}

/** Whether the rules are asked although the policies let this client in. */
function asksOn({ level }: Answer, { ofPolicy }: Condition, { met, policies }: Question): boolean {
  return !!ofPolicy && !met && level === 'allow' && policies.semantics.afterPolicy !== 'allow'
}

/** The answer as this site reads the documents. */
function read(answer: Answer, { ofPolicy }: Condition, { policies }: Question): Answer {
  return ofPolicy && answer.level === 'quarantine'
    ? { ...answer, level: policies.semantics.unmetPolicy }
    : answer
}

function conclude(
  { level, state, stateReason, reasons }: Answer,
  condition: Condition,
  enforced: boolean,
  path: string[],
  recheckAt: Instant | undefined,
): Decision {
  const recheck = recheckAt === undefined ? {} : { recheckAt }
  if (enforced || condition.beforeEnforcement) {
    const reached = state ?? stateOf[level]
    const rest = { stateReason, reasons, path, ...recheck }
    return { outcome: level, judged: level, enforced: true, state: reached, ...rest }
  }
  path.push('observing')
  return {
    outcome: 'allow',
    judged: level,
    enforced: false,
    state: 'allowed',
    stateReason,
    reasons: [...reasons, { code: 'observing' }],
    path,
    ...recheck,
  }
}

/** What is kept of the conditional access policies: those that said something. */
function appliedOf({ conditional, index }: Question): Pick<Decision, 'policies'> {
  if (!conditional) return {}
  const silent = new Set(['notApplied', 'notEnabled', 'reportOnlyNotApplied'])
  const spoke = conditional.decision.policies.filter(({ result }) => !silent.has(result))
  if (spoke.length === 0) return {}
  return {
    policies: spoke.map(({ id, displayName, result }) => ({
      id,
      displayName,
      result,
      ...index.controls.get(id),
    })),
  }
}

/** A decision that could not be had is no statement about the client, and is never saved. */
export function isRefusal(decision: Decision): boolean {
  return decision.state === 'unknown'
}

/** What a door does when a decision cannot be had. */
export function refusal(reason: 'internal' | 'behind' | 'unknown', id?: string): Decision {
  return {
    outcome: 'block',
    judged: 'block',
    enforced: true,
    state: 'unknown',
    stateReason: reason,
    reasons: [{ code: reason, ...(id !== undefined && { measured: id }) }],
    path: [reason],
  }
}
