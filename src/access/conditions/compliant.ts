import type { Reason } from '../decision.ts'
import type { Condition } from './condition.ts'

/** The last step of the Exchange Online policy: nothing stands against this client. */
export const compliant: Condition = {
  name: 'compliant',
  ofPolicy: true,
  judge({ circumstances: { device } }) {
    const reasons: Reason[] = [{ code: 'compliant', policy: 'exchangeOnline' }]
    if (device?.compliance === 'inGracePeriod' && device.graceUntil !== undefined) {
      const measured = new Date(device.graceUntil).toISOString()
      reasons.push({ code: 'inGracePeriod', measured })
    }
    return { level: 'allow', stateReason: 'compliant', reasons }
  },
  because: () => 'every demand of the policy is met',
}
