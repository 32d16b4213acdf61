import { type Comparison, readFilter, type Vocabulary } from '../logic/filter.ts'
import { always, and, atom, type Formula, never, not, or } from '../logic/formula.ts'
import type { Atom } from './atom.ts'
import type { SignInDevice } from './sign-in.ts'

const identifiers = ['eq', 'ne', 'in', 'notIn'] as const

/** The device properties that a filter may name. */
export const deviceVocabulary: Vocabulary = {
  'device.deviceId': { kind: 'text', operators: identifiers },
  'device.displayName': { kind: 'text' },
  'device.deviceOwnership': {
    kind: 'text',
    operators: ['eq', 'ne'],
    values: ['Personal', 'Company'],
  },
  'device.enrollmentProfileName': { kind: 'text' },
  'device.isCompliant': { kind: 'flag' },
  'device.manufacturer': { kind: 'text' },
  'device.mdmAppId': { kind: 'text', operators: identifiers },
  'device.model': { kind: 'text' },
  'device.operatingSystem': { kind: 'text' },
  'device.operatingSystemVersion': { kind: 'text' },
  'device.physicalIds': { kind: 'list' },
  'device.profileType': { kind: 'text', operators: ['eq', 'ne'] },
  'device.systemLabels': { kind: 'list' },
  'device.trustType': { kind: 'text', operators: ['eq', 'ne'] },
  ...Object.fromEntries(
    Array.from({ length: 15 }, (_, n) => [
      `device.extensionAttribute${n + 1}`,
      { kind: 'text' } as const,
    ]),
  ),
}

/** What a rule says of the device. Throws `filter.invalid`. */
export function readDeviceFilter(rule: string): Formula<Atom> {
  return toAtoms(readFilter(rule, deviceVocabulary))
}

/** Compliance and domain are asked for by controls too: one atom for one thing, however it is spelled. */
function toAtoms(formula: Formula<Comparison>): Formula<Atom> {
  switch (formula.op) {
    case 'always':
      return always
    case 'never':
      return never
    case 'atom':
      return toAtom(formula.atom)
    case 'not':
      return not(toAtoms(formula.of))
    case 'and':
      return and(...formula.of.map(toAtoms))
    default:
      return or(...formula.of.map(toAtoms))
  }
}

const registered = atom<Atom>({ kind: 'registered' })
const compliant = atom<Atom>({ kind: 'compliant' })
const hybridJoined = atom<Atom>({ kind: 'hybridJoined' })

function toAtom(comparison: Comparison): Formula<Atom> {
  const { property, operator, value } = comparison
  if (operator === 'ne') return not(toAtom({ property, operator: 'eq', value }))
  if (property === 'device.isCompliant') {
    if (value === true) return compliant
    return value === false ? and(registered, not(compliant)) : not(registered)
  }
  if (property === 'device.trustType' && String(value).toLowerCase() === 'serverad')
    return hybridJoined
  return atom<Atom>({ kind: 'device', comparison })
}

/** What a filter sees of one property of a device, named with its root. */
export function seenByFilter(
  device: SignInDevice,
  property: string,
): string | boolean | readonly string[] | undefined {
  const { isCompliant, isManaged, trustType, attributes } = device
  if (property === 'device.isCompliant') return isCompliant ?? false
  if (property === 'device.trustType') return trustType
  const name = property.slice('device.'.length)
  // Attributes that anybody may set count only where somebody vouches for the device.
  const vouched = isManaged || isCompliant || trustType?.toLowerCase() === 'serverad'
  return vouched || !name.startsWith('extensionAttribute') ? attributes[name] : undefined
}
