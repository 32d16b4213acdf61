import type { DeploymentReason, DeploymentRow } from '../../src/graph/collections-contract.ts'
import type { Tone } from './words.ts'

export type State = DeploymentReason['state']

/** The states of a deployment status, in the order of its tabs. */
export const states: readonly {
  readonly state: State
  readonly name: string
  readonly tone: Tone
  /** Not shown while nobody is in it. */
  readonly rare?: true
}[] = [
  { state: 'compliant', name: 'Compliant', tone: 'good' },
  { state: 'remediated', name: 'Remediated', tone: 'good', rare: true },
  { state: 'error', name: 'Error', tone: 'warn' },
  { state: 'noncompliant', name: 'Noncompliant', tone: 'bad' },
  { state: 'inProgress', name: 'In progress', tone: '', rare: true },
  { state: 'unknown', name: 'Unknown', tone: '' },
  { state: 'notApplicable', name: 'Not applicable', tone: '', rare: true },
]

/** The states that are worth a place: the usual ones, and those that somebody of these is in. */
export const statesOf = (...rows: readonly DeploymentRow[]): typeof states =>
  states.filter(({ state, rare }) => !rare || rows.some((row) => row[state] > 0))

/** State in words. */
export const stateName = (wanted: string): string =>
  states.find(({ state }) => state === wanted)?.name ?? wanted

const platformNames: Readonly<Record<string, string>> = {
  all: 'All platforms',
  android: 'Android',
  windows: 'Windows',
  windowsPhone: 'Windows Phone',
  linux: 'Linux',
}

export const platformName = (platform: string): string => platformNames[platform] ?? platform

const categoryNames: Readonly<Record<DeploymentReason['category'], string>> = {
  '': '',
  value: 'Value',
  implausible: 'Implausible value',
  notReported: 'Not reported',
  notEvaluated: 'Not evaluated',
  silent: 'Never reported',
}

export const categoryName = ({ category }: DeploymentReason): string => categoryNames[category]

const saidOf: Readonly<Record<State, string>> = {
  compliant: 'Every setting is met.',
  remediated: 'What was not met is forced by management.',
  noncompliant: 'It does not meet what is demanded.',
  error: 'It could not be judged.',
  inProgress: 'It has not been judged by it yet.',
  unknown: 'It was enrolled and has reported nothing yet.',
  notApplicable: 'The policy is for another kind of device.',
}

const troubles: Readonly<Record<DeploymentReason['category'], string>> = {
  '': '',
  value: 'The device reports something else.',
  implausible: 'What the device reports makes no sense.',
  notReported: 'The device does not report it.',
  notEvaluated: 'It cannot be evaluated, so that no device meets it.',
  silent: '',
}

/** What a reason means, in a sentence or two. */
export function describe({ type, category, state, required }: DeploymentReason): string {
  if (type === 'policy') return saidOf[state]
  const demands = required !== '' && category !== 'notEvaluated'
  return troubles[category] + (demands ? ` Required: ${sayValue(required)}.` : '')
}

const sayValue = (value: string): string =>
  value === 'true' ? 'Yes' : value === 'false' ? 'No' : value
