import type { Condition } from './condition.ts'

/** The policy also wants an administrator's word on each client. */
export const approvalPending: Condition = {
  name: 'approvalPending',
  ofPolicy: true,
  judge({ policies: { exchangeOnline }, circumstances: { approved } }) {
    if (!exchangeOnline.requireApproval || approved) return undefined
    return {
      level: 'quarantine',
      stateReason: 'approvalPending',
      reasons: [{ code: 'approvalPending', policy: 'exchangeOnline' }],
    }
  },
  because({ policies: { exchangeOnline }, circumstances: { approved } }) {
    if (!exchangeOnline.requireApproval) return 'the policy asks for no approval'
    return approved
      ? 'an administrator approved the client'
      : 'no administrator approved the client'
  },
}
