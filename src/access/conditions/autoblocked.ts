import type { AccessStateReason } from '../decision.ts'
import type { AutoblockBehavior } from '../policy.ts'
import type { Condition, Question } from './condition.ts'

const stateReasons: Readonly<Record<AutoblockBehavior, AccessStateReason>> = {
  UserAgentsChanges: 'userAgentsChanges',
  RecentCommands: 'recentCommands',
  SyncCommands: 'syncCommands',
  Watsons: 'watsons',
}

/** The client ran wild; it is kept out for as long as the threshold says, or until an administrator gives a word on it. */
export const autoblocked: Condition = {
  name: 'autoblocked',
  judge(question) {
    const block = blockOf(question)
    if (!block) return undefined
    const { behavior, incidenceLimit, incidenceMinutes } = block.threshold
    const stateReason = stateReasons[behavior]
    const required = `fewer than ${incidenceLimit} within ${incidenceMinutes} minutes`
    const measured = `kept out until ${new Date(block.until).toISOString()}`
    return {
      level: 'block',
      stateReason,
      reasons: [{ code: stateReason, policy: 'autoblock', measured, required }],
    }
  },
  until: (question) => blockOf(question)?.until,
  because: (question) => {
    const block = blockOf(question)
    return block
      ? `${block.threshold.behavior} went beyond its limit`
      : 'the client is not kept out for its behaviour'
  },
}

function blockOf({ circumstances: { autoblock }, now }: Question) {
  return autoblock && now < autoblock.until ? autoblock : undefined
}
