import type { Condition } from './condition.ts'

/** The client refused the EAS policy of the mailbox, and the policy does not admit such clients. */
export const mailboxPolicy: Condition = {
  name: 'mailboxPolicy',
  judge({ policies: { organization }, circumstances: { eas }, conditional }) {
    // Conditional access takes the place of mailbox policies for those whom it governs.
    if (conditional?.governs) return undefined
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
