import type { ManagedDevice } from '../../src/graph/contract.ts'

/** How a state looks: good, bad, in between, or of no account. */
export type Tone = 'good' | 'warn' | 'bad' | ''

type Word = readonly [word: string, tone: Tone]

/** Exchange Access State, in Exchange's words; a device that never came over EAS has none. */
export const stateWords: Readonly<Record<ManagedDevice['exchangeAccessState'], Word>> = {
  none: ['', ''],
  unknown: ['Unknown', ''],
  allowed: ['Allowed', 'good'],
  blocked: ['Blocked', 'bad'],
  quarantined: ['Quarantined', 'warn'],
  deviceDiscovery: ['Device discovery', 'warn'],
}

/** What the policies say. */
export const judgedWords: Readonly<Record<ManagedDevice['judged'], Word>> = {
  none: ['', ''],
  allow: ['Allowed', 'good'],
  block: ['Blocked', 'bad'],
  quarantine: ['Quarantined', 'warn'],
  challenge: ['Asked to sign in', 'warn'],
}

/** The same for a word of the API that this page may not know. */
export const judgedWord = (outcome: string): Word =>
  Object.entries(judgedWords).find(([name]) => name === outcome)?.[1] ?? [outcome, '']

const reasonNames: Readonly<Record<string, string>> = {
  none: '',
  compliant: 'Compliant',
  notCompliant: 'Not compliant',
  notEnrolled: 'Not enrolled',
  notActivated: 'Not activated',
  approvalPending: 'Approval pending',
  exchangeGlobalRule: 'Default access level',
  exchangeIndividualRule: 'Individual permission',
  exchangeDeviceRule: 'Device access rule',
  exchangeMailboxPolicy: 'Mailbox policy not accepted',
  unsupportedPlatform: 'Unsupported platform',
  domainJoined: 'Domain joined',
  notDomainJoined: 'Not domain joined',
  userDisabled: 'User disabled',
  easDisabled: 'ActiveSync disabled',
  deviceDiscovery: 'Device discovery',
  userAgentsChanges: 'Autoblock: user agent changes',
  recentCommands: 'Autoblock: recent commands',
  syncCommands: 'Autoblock: sync commands',
  watsons: 'Autoblock: faults',
  observing: 'Observing',
  other: 'No rule applies',
  unknown: 'Unknown',
  internal: 'Internal fault',
  behind: 'Node behind',
}

/** Exchange Access State Reason. */
export const reasonName = (code: string): string => reasonNames[code] ?? code

const complianceWords: Readonly<Record<string, Word>> = {
  unknown: ['Not evaluated', ''],
  notApplicable: ['Not applicable', ''],
  compliant: ['Compliant', 'good'],
  inGracePeriod: ['In grace period', 'warn'],
  noncompliant: ['Noncompliant', 'bad'],
  error: ['Error', 'bad'],
  conflict: ['Conflict', 'bad'],
}

export const complianceWord = (state: string): Word => complianceWords[state] ?? [state, '']

const channelNames: Readonly<Record<string, string>> = {
  eas: 'Exchange ActiveSync',
  mdm: 'Enrolled',
  easMdm: 'Enrolled, Exchange ActiveSync',
}

export const channelName = (code: string): string => channelNames[code] ?? code

const ownerNames: Readonly<Record<ManagedDevice['managedDeviceOwnerType'], string>> = {
  company: 'Company',
  personal: 'Personal',
  unknown: '',
}

export const ownerName = (owner: ManagedDevice['managedDeviceOwnerType']): string =>
  ownerNames[owner]

/** Clients tell the version within the system's name or apart from it. */
export const systemOf = ({ operatingSystem, osVersion }: ManagedDevice): string =>
  operatingSystem.includes(osVersion) ? operatingSystem : `${operatingSystem} ${osVersion}`

export const yesNo = (value: boolean): string => (value ? 'Yes' : 'No')

/** `1 device`, `2,000 devices`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`
