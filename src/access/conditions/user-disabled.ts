import type { Condition } from './condition.ts'

/** A disabled account reads no mail; this also ends what it had opened before. */
export const userDisabled: Condition = {
  name: 'userDisabled',
  beforeEnforcement: true,
  judge({ circumstances: { user } }) {
    if (user.enabled) return undefined
    return {
      level: 'block',
      stateReason: 'userDisabled',
      reasons: [{ code: 'userDisabled', measured: false, required: true }],
    }
  },
  because: ({ circumstances: { user } }) =>
    user.enabled ? 'the account is enabled' : 'the account is disabled',
}
