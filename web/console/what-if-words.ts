import type { ForeseenPolicy, WhatIfBody } from '../../src/graph/conditional-contract.ts'
import type { Tone } from './words.ts'

const reasons: Readonly<Record<string, string>> = {
  notEnoughInformation: 'Not enough is known of the sign-in',
  users: 'It is not for this user',
  workloadIdentities: 'It is for workloads',
  application: 'It is for other apps',
  userActions: 'It is for another action',
  authenticationContext: 'It is for another authentication context',
  devicePlatform: 'It is for other platforms',
  devices: 'Its device filter does not take this device',
  clientApps: 'It is for other client apps',
  location: 'It is for other places',
  signInRisk: 'It is for another sign-in risk',
  emptyPolicy: 'Nobody and nothing is assigned to it',
  invalidPolicy: 'It is not valid',
  policyNotEnabled: 'It is off',
  userRisk: 'It is for another user risk',
  insiderRisk: 'It is for another insider risk',
  authenticationFlow: 'It is for another way of signing in',
}

const controls: Readonly<Record<string, string>> = {
  block: 'no access',
  mfa: 'a second factor',
  compliantDevice: 'a compliant device',
  domainJoinedDevice: 'a computer of the domain',
  approvedApplication: 'an approved app',
  compliantApplication: 'an app with a protection policy',
  passwordChange: 'a new password',
  signInFrequency: 'a fresh sign-in',
}

/** A control in words. */
export const controlName = (control: string): string => controls[control] ?? control

/** Why a policy does not apply: the first of its conditions that is not met. */
export const reasonAgainst = ({ analysisReasons }: ForeseenPolicy): string =>
  reasons[analysisReasons] ?? (analysisReasons === 'notSet' ? '' : analysisReasons)

const joined = (names: readonly string[]) => names.map(controlName).join(', ')

/** What a policy demands of it, and whether that is there. */
export function demandsOf({ postern: { controls: demanded, missing } }: ForeseenPolicy): string {
  if (missing.includes('block')) return 'No access'
  if (missing.length > 0) return `Missing: ${joined(missing)}`
  return demanded.length > 0 ? `Met: ${joined(demanded.flatMap(nameIfMet))}` : 'Nothing'
}

const nameIfMet = ({ name, satisfied }: ForeseenPolicy['postern']['controls'][number]) =>
  satisfied ? [name] : []

const conditionNames: Readonly<Record<string, string>> = {
  users: 'Users',
  clientApplications: 'Workloads',
  applications: 'Apps',
  platforms: 'Platforms',
  devices: 'Devices',
  clientAppTypes: 'Client apps',
  locations: 'Places',
  signInRiskLevels: 'Sign-in risk',
  userRiskLevels: 'User risk',
  servicePrincipalRiskLevels: 'Workload risk',
  insiderRiskLevels: 'Insider risk',
  authenticationFlows: 'Way of signing in',
  others: 'Anything else',
}

/** A condition of a policy in words. */
export const conditionName = (name: string): string => conditionNames[name] ?? name

/** Whether it gets in, in one sentence. */
export function sayOutcome({
  postern,
}: WhatIfBody): readonly [word: string, tone: Tone, more: string] {
  const { outcome, required } = postern
  const lacks = required.filter((name) => name !== 'block')
  if (outcome === 'grant') return ['Let in', 'good', 'No policy stands in the way.']
  if (outcome === 'interrupt') return ['Needs more', 'warn', `Let in after: ${joined(required)}.`]
  if (lacks.length < required.length) return ['Refused', 'bad', 'A policy blocks it.']
  return ['Refused', 'bad', `Missing: ${joined(lacks)}.`]
}

export const stateNames = {
  enabled: 'On',
  disabled: 'Off',
  enabledForReportingButNotEnforced: 'Report-only',
} as const
