import type { Condition } from './condition.ts'

/** EAS is switched off for the mailbox. */
export const easDisabled: Condition = {
  name: 'easDisabled',
  judge({ index, circumstances: { user } }) {
    if (index.mailboxes.get(user.id)?.activeSyncEnabled ?? true) return undefined
    return {
      level: 'block',
      stateReason: 'easDisabled',
      reasons: [{ code: 'easDisabled', measured: false, required: true }],
    }
  },
  because: ({ index, circumstances: { user } }) =>
    `EAS is ${(index.mailboxes.get(user.id)?.activeSyncEnabled ?? true) ? 'on' : 'off'} for the mailbox`,
}
