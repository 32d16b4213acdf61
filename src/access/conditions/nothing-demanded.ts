import type { Condition } from './condition.ts'

/** The policy is on but its first option is off: it demands nothing of clients on supported platforms. */
export const nothingDemanded: Condition = {
  name: 'nothingDemanded',
  ofPolicy: true,
  judge({ policies: { exchangeOnline } }) {
    if (exchangeOnline.blockNoncompliant) return undefined
    return {
      level: 'allow',
      stateReason: 'other',
      reasons: [{ code: 'other', policy: 'exchangeOnline' }],
    }
  },
  because: ({ policies: { exchangeOnline } }) =>
    exchangeOnline.blockNoncompliant
      ? 'the policy keeps noncompliant devices out'
      : 'the policy does not keep noncompliant devices out',
}
