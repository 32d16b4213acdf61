import type { Condition } from './condition.ts'

/** Exchange's last word on clients that nothing else names. */
export const defaultLevel: Condition = {
  name: 'defaultLevel',
  judge: ({ policies: { organization } }) => ({
    level: organization.defaultAccessLevel,
    stateReason: 'exchangeGlobalRule',
    reasons: [{ code: 'exchangeGlobalRule', required: organization.defaultAccessLevel }],
  }),
  because: ({ policies: { organization } }) =>
    `the default access level is ${organization.defaultAccessLevel}`,
}
