import type { Condition } from './condition.ts'

/** The client is not yet bound to the device: anyone may send another's EAS DeviceId. */
export const notActivated: Condition = {
  name: 'notActivated',
  ofPolicy: true,
  judge({ circumstances: { device } }) {
    if (device?.activated) return undefined
    return {
      level: 'quarantine',
      stateReason: 'notActivated',
      reasons: [{ code: 'notActivated', policy: 'exchangeOnline' }],
    }
  },
  because: ({ circumstances: { device } }) =>
    device?.activated ? 'the client is activated' : 'the client is not activated',
}
