import { always, never } from '../../logic/formula.ts'
import type { Condition } from './condition.ts'

/** Conditions about agents of other products, which never sign in to mail: a policy that asks for one applies to none. */
const ofAgents = ['agentIdRiskLevels', 'agentContext', 'agents']

const known = new Set([
  'users',
  'applications',
  'clientApplications',
  'clientAppTypes',
  'platforms',
  'locations',
  'devices',
  'deviceStates',
  'signInRiskLevels',
  'userRiskLevels',
  'servicePrincipalRiskLevels',
  'insiderRiskLevels',
  'authenticationFlows',
  ...ofAgents,
])

/** Whatever else a policy asks for; nothing here can tell it, so it is taken for met. */
export const others: Condition = {
  name: 'others',
  reason: 'notEnoughInformation',
  formula: ({ conditions }) => (ofAgents.some((name) => asks(conditions[name])) ? never : always),
  unevaluated: ({ conditions }) => [
    ...Object.keys(conditions)
      .filter((name) => !known.has(name) && asks(conditions[name]))
      .map((name) => `${name}: this condition is not understood`),
    ...ofAgents
      .filter((name) => asks(conditions[name]))
      .map((name) => `${name}: agents do not sign in here, so the policy never applies`),
  ],
  measured: () => '',
}

const asks = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  !(Array.isArray(value) && value.length === 0) &&
  value !== ''
