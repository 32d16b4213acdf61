import { limits } from '../../base/limits.ts'
import type { AccessLevel } from '../policy.ts'
import type { Condition, Question } from './condition.ts'
import { ruleOf } from './device-rules.ts'

const strictest: readonly AccessLevel[] = ['block', 'quarantine', 'allow']

/**
 * A new client that has not yet told its model and system, where rules on these could still change the answer, waits a
 * few minutes as if in quarantine. A client that never tells gets what it would get without those rules.
 */
export const deviceDiscovery: Condition = {
  name: 'deviceDiscovery',
  judge(question) {
    if (question.now >= end(question) || !isUndecided(question)) return undefined
    return {
      level: 'quarantine',
      state: 'deviceDiscovery',
      stateReason: 'deviceDiscovery',
      reasons: [{ code: 'deviceDiscovery' }],
    }
  },
  until: (question) => (isUndecided(question) ? end(question) : undefined),
  because: (question) =>
    isUndecided(question)
      ? `rules ask for what the client has not told; it may until ${new Date(end(question)).toISOString()}`
      : 'nothing that the client may still tell would change the answer',
}

function end({ circumstances: { eas } }: Question): number {
  return eas.firstSeenAt + limits.deviceDiscoveryMs.value
}

function isUndecided(question: Question): boolean {
  const { circumstances, index, policies, met } = question
  const { model, operatingSystem } = circumstances.eas
  if (model !== undefined || operatingSystem !== undefined) return false
  const matched = strictest.find((level) => ruleOf(level, question))
  const overridden = met && policies.semantics.afterPolicy === 'exceptions' ? met.level : undefined
  const certain = matched ?? overridden ?? policies.organization.defaultAccessLevel
  return strictest.some((level) => {
    const open = index.rules[level].some(
      ({ characteristic }) => characteristic === 'DeviceModel' || characteristic === 'DeviceOS',
    )
    const wins = matched === undefined || strictest.indexOf(level) < strictest.indexOf(matched)
    return open && wins && level !== certain
  })
}
