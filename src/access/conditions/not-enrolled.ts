import type { Condition, Question } from './condition.ts'

/** No device that is registered and managed stands behind this client. */
export const notEnrolled: Condition = {
  name: 'notEnrolled',
  judge(question) {
    const missing = whatIsMissing(question)
    if (!missing) return undefined
    return {
      level: 'quarantine',
      stateReason: 'notEnrolled',
      reasons: [{ code: 'notEnrolled', policy: 'exchangeOnline', measured: missing }],
    }
  },
  because: (question) => whatIsMissing(question) ?? 'the device is registered and managed',
}

function whatIsMissing({ circumstances: { device } }: Question): string | undefined {
  if (!device) return 'no device'
  if (!device.registered) return 'not registered'
  return device.managed ? undefined : 'not managed'
}
