import type { Condition, Question } from './condition.ts'

/** An administrator allowed this client of this user, whatever the device rules say. */
export const personalAllow: Condition = {
  name: 'personalAllow',
  judge(question) {
    if (!isAllowed(question)) return undefined
    return {
      level: 'allow',
      stateReason: 'exchangeIndividualRule',
      reasons: [{ code: 'exchangeIndividualRule', measured: question.circumstances.eas.deviceId }],
    }
  },
  because: (question) =>
    isAllowed(question)
      ? 'the client is in the allowed list of the mailbox'
      : 'the client is not in the allowed list of the mailbox',
}

function isAllowed({ index, circumstances: { user, eas } }: Question): boolean {
  return index.mailboxes.get(user.id)?.allowed.has(eas.deviceId.toLowerCase()) ?? false
}
