import type { Device } from '../devices/devices.ts'
import type { User } from '../directory/directory.ts'
import type { Attributes, Vocabulary } from '../logic/filter.ts'

/** What rules of user collections may speak of. */
export const userVocabulary: Vocabulary = {
  'user.id': { kind: 'text', operators: ['eq', 'ne', 'in', 'notIn'] },
  'user.userPrincipalName': { kind: 'text' },
  'user.displayName': { kind: 'text' },
  'user.mail': { kind: 'text' },
  'user.accountEnabled': { kind: 'flag' },
  'user.role': { kind: 'text', operators: ['eq', 'ne'], values: ['user', 'administrator'] },
  /** Names of groups, nested ones included. */
  'user.memberOf': { kind: 'list' },
}

/** What rules of device collections may speak of; never of compliance, which rests on them. */
export const deviceVocabulary: Vocabulary = {
  'device.deviceId': { kind: 'text', operators: ['eq', 'ne', 'in', 'notIn'] },
  'device.displayName': { kind: 'text' },
  'device.deviceOwnership': {
    kind: 'text',
    operators: ['eq', 'ne'],
    values: ['Personal', 'Company'],
  },
  'device.platform': {
    kind: 'text',
    operators: ['eq', 'ne', 'in', 'notIn'],
    values: ['iOS', 'android', 'windows', 'windowsPhone', 'macOS', 'linux', 'unknown'],
  },
  'device.operatingSystem': { kind: 'text' },
  'device.operatingSystemVersion': { kind: 'text' },
  'device.model': { kind: 'text' },
  'device.serialNumber': { kind: 'text' },
  'device.mobileOperator': { kind: 'text' },
  'device.enrollmentChannel': { kind: 'text', operators: ['eq', 'ne'] },
}

/** A user, as rules see them. `groups`: names of all that they are in. */
export function userAttributes(user: User, groups: readonly string[]): Attributes {
  return {
    'user.id': user.id,
    'user.userPrincipalName': user.name,
    'user.displayName': user.displayName,
    'user.mail': user.mail,
    'user.accountEnabled': user.enabled,
    'user.role': user.role,
    'user.memberOf': groups,
  }
}

/** A device, as rules see it. */
export function deviceAttributes({ id, name, ownership, channel, facts }: Device): Attributes {
  return {
    'device.deviceId': id,
    'device.displayName': name,
    'device.deviceOwnership': ownership === 'company' ? 'Company' : 'Personal',
    'device.platform': facts.platform?.value ?? 'unknown',
    'device.operatingSystem': facts.operatingSystem?.value,
    'device.operatingSystemVersion': facts.osVersion?.value,
    'device.model': facts.model?.value,
    'device.serialNumber': facts.serialNumber?.value,
    'device.mobileOperator': facts.mobileOperator?.value,
    'device.enrollmentChannel': channel,
  }
}
