import type { Condition } from './condition.ts'

/** The client refused the EAS policy of the mailbox, and the policy does not admit such clients. */
export const mailboxPolicy: Condition = {
  name: 'mailboxPolicy',
  judge({ policies: { organization }, circumstances: { eas } }) {
    if (!eas.policyRefused || organization.mailboxPolicy.allowNonProvisionableDevices)
      return undefined
    return {
      level: 'block',
      stateReason: 'exchangeMailboxPolicy',
      reasons: [{ code: 'exchangeMailboxPolicy' }],
    }
  },
  because: ({ circumstances: { eas } }) =>
    eas.policyRefused
      ? 'the client refused the mailbox policy'
      : 'the client refused no mailbox policy',
}
