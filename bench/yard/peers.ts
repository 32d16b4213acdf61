import * as cedar from '@cedar-policy/cedar-wasm/nodejs'
import { newEnforcer, newModelFromString } from 'casbin'
import { Engine, type NestedCondition } from 'json-rules-engine'
import type { Formula } from '../../src/logic/formula.ts'
import type { Question } from './denial.ts'
import type { Resolved } from './plain-loop.ts'

/** Another engine with the same policies: may this sign-in go on? */
export type Peer = (signIn: Resolved) => boolean | Promise<boolean>

const quoted = (values: readonly string[]): string =>
  values.map((one) => JSON.stringify(one)).join()

/** A formula as text, `and`, `or` and `not` in the way of most languages. */
function textOf(formula: Formula<Question>, say: (question: Question) => string): string {
  switch (formula.op) {
    case 'always':
    case 'never':
      return String(formula.op === 'always')
    case 'atom':
      return say(formula.atom)
    case 'not':
      return `!(${textOf(formula.of, say)})`
    default:
      return formula.of
        .map((part) => `(${textOf(part, say)})`)
        .join(formula.op === 'and' ? ' && ' : ' || ')
  }
}

/** Cedar with its policies parsed beforehand; a user is in groups, all else is context. */
export function createCedar(denials: readonly Formula<Question>[]): Peer {
  const say = (question: Question): string => {
    if (!('among' in question)) return `context.${question.of}`
    const uids = (type: string): string =>
      question.among.map((id) => `${type}::${JSON.stringify(id)}`).join()
    switch (question.of) {
      case 'user':
      case 'groups':
        return `principal in [${uids(question.of === 'user' ? 'User' : 'Group')}]`
      case 'app':
        return `resource in [${uids('App')}]`
      case 'locations':
        return `context.locations.containsAny([${quoted(question.among)}])`
      case 'device':
        return `context.device has ${question.attribute} && [${quoted(question.among)}].contains(context.device.${question.attribute})`
      default:
        return `[${quoted(question.among)}].contains(context.${question.of})`
    }
  }
  const rules = denials.map(
    (denial) => `forbid(principal, action, resource) when { ${textOf(denial, say)} };`,
  )
  const staticPolicies = ['permit(principal, action, resource);', ...rules].join('\n')
  const parsed = cedar.preparsePolicySet('all', { staticPolicies })
  if (parsed.type === 'failure') throw new Error(parsed.errors[0]?.message)
  const action = { type: 'Action', id: 'signIn' }
  return ({ user, groups, app, ...context }) => {
    const principal = { type: 'User', id: user }
    const answer = cedar.statefulIsAuthorized({
      principal,
      action,
      resource: { type: 'App', id: app },
      context: { ...context, locations: [...context.locations] },
      entities: [
        { uid: principal, attrs: {}, parents: groups.map((id) => ({ type: 'Group', id })) },
      ],
      preparsedPolicySetId: 'all',
    })
    if (answer.type === 'failure') throw new Error(answer.errors[0]?.message)
    const [error] = answer.response.diagnostics.errors
    if (error) throw new Error(error.error.message)
    return answer.response.decision === 'allow'
  }
}

const casbinModel = `
[request_definition]
r = sub
[policy_definition]
p = rule, eft
[policy_effect]
e = !some(where (p.eft == deny))
[matchers]
m = eval(p.rule)
`

/** casbin with each policy as a rule that `eval()` reads, asked without promises. */
export async function createCasbin(denials: readonly Formula<Question>[]): Promise<Peer> {
  const say = (question: Question): string => {
    if (!('among' in question)) return `r.sub.${question.of}`
    const among = quoted(question.among)
    if (question.of === 'device') return `among(r.sub.device.${question.attribute}, ${among})`
    const many = question.of === 'groups' || question.of === 'locations'
    return `${many ? 'anyAmong' : 'among'}(r.sub.${question.of}, ${among})`
  }
  const enforcer = await newEnforcer(newModelFromString(casbinModel))
  await enforcer.addFunction('among', (own: string, ...ids: readonly string[]) => ids.includes(own))
  await enforcer.addFunction('anyAmong', (own: readonly string[], ...ids: readonly string[]) =>
    own.some((id) => ids.includes(id)),
  )
  await enforcer.addPolicies(denials.map((denial) => [textOf(denial, say), 'deny']))
  return (signIn) => enforcer.enforceSync(signIn)
}

/** json-rules-engine with each policy as a rule, whose event is the denial. */
export function createJsonRules(denials: readonly Formula<Question>[]): Peer {
  const engine = new Engine([], { allowUndefinedFacts: true })
  engine.addOperator('anyIn', (own: readonly string[], among: readonly string[]) =>
    own.some((id) => among.includes(id)),
  )
  for (const denial of denials)
    engine.addRule({ conditions: { all: [ruleOf(denial)] }, event: { type: 'denied' } })
  return async (signIn) => (await engine.run({ ...signIn })).events.length === 0
}

function ruleOf(formula: Formula<Question>): NestedCondition {
  switch (formula.op) {
    case 'always':
      return { all: [] }
    case 'never':
      return { not: { all: [] } }
    case 'atom':
      return conditionOf(formula.atom)
    case 'not':
      return { not: ruleOf(formula.of) }
    case 'and':
      return { all: formula.of.map(ruleOf) }
    default:
      return { any: formula.of.map(ruleOf) }
  }
}

function conditionOf(question: Question): NestedCondition {
  if (!('among' in question)) return { fact: question.of, operator: 'equal', value: true }
  const value = [...question.among]
  if (question.of === 'device')
    return { fact: 'device', path: `$.${question.attribute}`, operator: 'in', value }
  const many = question.of === 'groups' || question.of === 'locations'
  return { fact: question.of, operator: many ? 'anyIn' : 'in', value }
}
