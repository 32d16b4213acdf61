import type { Comparison } from '../../logic/filter.ts'
import { type TextTest, tellApart } from '../../logic/text.ts'
import type { Atom } from '../atom.ts'
import { deviceVocabulary } from '../device-filter.ts'
import type { SignIn, SignInDevice } from '../sign-in.ts'
import { type Dimension, ofKind } from './dimension.ts'

/** Properties with few values, though a filter may compare them with any. */
const values: Readonly<Record<string, readonly string[]>> = {
  'device.trustType': ['AzureAD', 'ServerAD', 'Workplace'],
  'device.profileType': ['RegisteredDevice', 'SecureVM', 'Printer', 'Shared', 'IoT'],
}

/** What a registered device may be, property by property. */
export function deviceSides(atoms: readonly Atom[]): Dimension[] {
  const comparisons = Map.groupBy(ofKind(atoms, 'device'), ({ comparison }) => comparison.property)
  const rest = [...comparisons].filter(([property]) => property !== 'device.trustType')
  const trust = [...ofKind(atoms, 'hybridJoined'), ...(comparisons.get('device.trustType') ?? [])]
  return [
    {
      atoms: ofKind(atoms, 'compliant'),
      options: [change({}), change({ isCompliant: true })],
    },
    {
      atoms: trust,
      options: [
        change({}),
        ...(values['device.trustType'] ?? []).map((trustType) => change({ trustType })),
      ],
    },
    ...rest.flatMap(([property, own]) =>
      deviceVocabulary[property]?.kind === 'list'
        ? listSides(property, own)
        : [{ atoms: own, options: textOptions(property, own) }],
    ),
  ]
}

type Compared = Extract<Atom, { kind: 'device' }>

const change =
  (part: Partial<SignInDevice>) =>
  (signIn: SignIn): SignIn => ({
    ...signIn,
    device: { attributes: {}, ...signIn.device, ...part },
  })

const attribute =
  (property: string, valueOf: (before: SignInDevice['attributes'][string]) => string | string[]) =>
  (signIn: SignIn): SignIn => {
    const name = property.replace('device.', '')
    const attributes = signIn.device?.attributes ?? {}
    return change({
      // Else attributes that anybody may set would not count.
      isManaged: true,
      attributes: { ...attributes, [name]: valueOf(attributes[name]) },
    })(signIn)
  }

function textOptions(property: string, own: readonly Compared[]): Dimension['options'] {
  const known = deviceVocabulary[property]?.values ?? values[property]
  const texts = known ?? tellApart(own.flatMap(({ comparison }) => testsOf(comparison)))
  return [
    change({}),
    ...(texts === 'gaveUp' ? [] : texts.map((text) => attribute(property, () => text))),
  ]
}

const operators: Readonly<Record<string, TextTest['op']>> = {
  startsWith: 'startsWith',
  notStartsWith: 'startsWith',
  endsWith: 'endsWith',
  notEndsWith: 'endsWith',
  contains: 'contains',
  notContains: 'contains',
}

function testsOf({ operator, value }: Comparison): TextTest[] {
  const texts = typeof value === 'string' ? [value] : Array.isArray(value) ? value : []
  return texts.map((text: string) => ({ op: operators[operator] ?? 'is', value: text }))
}

/** Each item of a list is there or not. */
function listSides(property: string, own: readonly Compared[]): Dimension[] {
  const items = Map.groupBy(own, ({ comparison }) => String(comparison.value).toLowerCase())
  return [...items].map(([item, atoms]) => ({
    atoms,
    options: [
      change({}),
      attribute(property, (before) => [...(typeof before === 'object' ? before : []), item]),
    ],
  }))
}
