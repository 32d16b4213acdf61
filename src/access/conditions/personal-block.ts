import type { Condition, Question } from './condition.ts'

/**
 * An administrator blocked this client of this user. Asked before the Exchange Online policy, so that the one answer
 * to a stolen phone holds for targeted users too (docs/decisions/0005-personal-block-first.md).
 */
export const personalBlock: Condition = {
  name: 'personalBlock',
  judge(question) {
    if (!isBlocked(question)) return undefined
    return {
      level: 'block',
      stateReason: 'exchangeIndividualRule',
      reasons: [{ code: 'exchangeIndividualRule', measured: question.circumstances.eas.deviceId }],
    }
  },
  because: (question) =>
    isBlocked(question)
      ? 'the client is in the blocked list of the mailbox'
      : 'the client is not in the blocked list of the mailbox',
}

function isBlocked({ index, circumstances: { user, eas } }: Question): boolean {
  return index.mailboxes.get(user.id)?.blocked.has(eas.deviceId.toLowerCase()) ?? false
}
