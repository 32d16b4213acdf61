import type { Condition } from './condition.ts'

/** Exchange's last word on clients that nothing else names; where it is overridden, the policies' word on those that meet them. */
export const defaultLevel: Condition = {
  name: 'defaultLevel',
  judge({ policies: { organization, semantics }, met }) {
    if (met && semantics.afterPolicy === 'exceptions') return met
    return {
      level: organization.defaultAccessLevel,
      stateReason: 'exchangeGlobalRule',
      reasons: [{ code: 'exchangeGlobalRule', required: organization.defaultAccessLevel }],
    }
  },
  because: ({ policies: { organization, semantics }, met }) =>
    met && semantics.afterPolicy === 'exceptions'
      ? 'the policies are met, which overrides the default access level'
      : `the default access level is ${organization.defaultAccessLevel}`,
}
