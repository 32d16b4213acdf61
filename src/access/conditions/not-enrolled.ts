import { whatIsMissing } from '../health.ts'
import type { Condition } from './condition.ts'

/** No device that is registered and managed stands behind this client. */
export const notEnrolled: Condition = {
  name: 'notEnrolled',
  ofPolicy: true,
  judge({ circumstances: { device } }) {
    const missing = whatIsMissing(device)
    if (!missing) return undefined
    return {
      level: 'quarantine',
      stateReason: 'notEnrolled',
      reasons: [{ code: 'notEnrolled', policy: 'exchangeOnline', measured: missing }],
    }
  },
  because: ({ circumstances: { device } }) =>
    whatIsMissing(device) ?? 'the device is registered and managed',
}
