import { always, atom, type Formula, or } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import type { RiskLevel } from '../policy.ts'
import { type Condition, flagsOf } from './condition.ts'

/** How risky the sign-in is. */
export const signInRisk: Condition = {
  name: 'signInRiskLevels',
  reason: 'signInRisk',
  formula: ({ conditions }) => of('signInRisk', conditions.signInRiskLevels),
  measured: ({ signInRisk: level }) => level ?? 'none',
}

/** How likely it is that the account has been taken over. */
export const userRisk: Condition = {
  name: 'userRiskLevels',
  reason: 'userRisk',
  formula: ({ conditions }) => of('userRisk', conditions.userRiskLevels),
  measured: ({ userRisk: level }) => level ?? 'none',
}

/** The same of a service principal. */
export const workloadRisk: Condition = {
  name: 'servicePrincipalRiskLevels',
  reason: 'workloadIdentities',
  formula: ({ conditions }) => of('servicePrincipalRisk', conditions.servicePrincipalRiskLevels),
  measured: ({ servicePrincipalRisk: level }) => level ?? 'none',
}

/** What is suspected of the user within the company. */
export const insiderRisk: Condition = {
  name: 'insiderRiskLevels',
  reason: 'insiderRisk',
  formula({ conditions }) {
    const levels = flagsOf(conditions.insiderRiskLevels)
    return levels.length === 0
      ? always
      : or(...levels.map((level) => atom<Atom>({ kind: 'insiderRisk', level })))
  },
  measured: ({ insiderRisk: level }) => level ?? 'none',
}

function of(
  kind: 'signInRisk' | 'userRisk' | 'servicePrincipalRisk',
  levels: readonly RiskLevel[] | null | undefined,
): Formula<Atom> {
  return levels?.length ? or(...levels.map((level) => atom<Atom>({ kind, level }))) : always
}
