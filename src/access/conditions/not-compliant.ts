import { healthyUntil, illnessOf, isHealthy } from '../health.ts'
import type { Condition } from './condition.ts'

/** The device does not meet the compliance policies, or is not known to; its findings are the reasons. */
export const notCompliant: Condition = {
  name: 'notCompliant',
  ofPolicy: true,
  judge({ circumstances: { device }, now }) {
    if (isHealthy(device, now)) return undefined
    return {
      level: 'quarantine',
      stateReason: 'notCompliant',
      reasons: illnessOf(device, 'exchangeOnline'),
    }
  },
  until: ({ circumstances: { device } }) => healthyUntil(device),
  because: ({ circumstances: { device } }) => `the device is ${device?.compliance ?? 'unknown'}`,
}
