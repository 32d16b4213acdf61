import { and, atom, atomsOf, type Formula, not, or } from '../../logic/formula.ts'
import { type Atom, isTrue, keyOf, type Locator } from '../atom.ts'
import {
  clientAppTypes,
  exchangeOnline,
  guestTypes,
  type NamedLocation,
  platforms,
} from '../policy.ts'
import type { SignIn } from '../sign-in.ts'
import { type Dimension, ofKind, plainSignIn } from './dimension.ts'
import { sidesOf } from './sides.ts'

/** A sign-in as the atoms that are true of it; all others are false. */
export type Example = readonly Atom[]

/** Which sign-ins there can be: what a solver must know besides the policies. */
export interface World {
  /** All that is asked of a sign-in: by the policies, and by those who ask for ways in. */
  readonly atoms: readonly Atom[]
  /** For each side of a sign-in: of its atoms, exactly those of one row are true. */
  readonly sides: readonly Pick<Side, 'atoms' | 'rows'>[]
  /** What ties the sides together. */
  readonly laws: readonly Formula<Atom>[]
  /** A sign-in of which exactly these atoms are true; undefined where none could be made up. */
  signInOf(example: Example): SignIn | undefined
}

/** What is known of the world besides the policies. */
export interface Surroundings {
  readonly places: Locator
  /** Those that policies speak of. */
  readonly locations: readonly NamedLocation[]
  /** Which groups are members of which: the ones above, by group, near and far. */
  readonly groupsAbove?: ReadonlyMap<string, readonly string[]>
}

/** A side with the truth of its atoms for each of its options: `rows` and `options` go together. */
interface Side extends Dimension {
  readonly rows: readonly (readonly Atom[])[]
}

/** Builds the world in which `formulas` are asked. Its atoms mean what they mean when a sign-in is decided. */
export function createWorld(formulas: readonly Formula<Atom>[], around: Surroundings): World {
  const atoms = distinct([...always, ...formulas.flatMap((formula) => atomsOf(formula))])
  const { places, locations } = around
  const sides = sidesOf(atoms, locations)
    .filter((side) => side.atoms.length > 0)
    .map((side) => withRows(side, places))
  return {
    atoms,
    sides,
    laws: lawsOf(atoms, around),
    signInOf(example) {
      const keys = new Set(example.map(keyOf))
      const signIn = sides.reduce<SignIn | undefined>((before, { atoms: own, rows, options }) => {
        const wanted = own.filter((one) => keys.has(keyOf(one)))
        const at = rows.findIndex((row) => isSame(row, wanted))
        return before && options[at]?.(before)
      }, plainSignIn)
      const whole = signIn && withMemberships(signIn, example)
      const isExact =
        whole && atoms.every((one) => isTrue(one, whole, places) === keys.has(keyOf(one)))
      return isExact ? whole : undefined
    },
  }
}

/** What is asked in every analysis, whether or not a policy speaks of it. */
const always: readonly Atom[] = [
  { kind: 'person' },
  { kind: 'application' },
  { kind: 'app', id: exchangeOnline },
  ...clientAppTypes.map((type) => ({ kind: 'client', type }) as const),
  ...platforms.map((platform) => ({ kind: 'platform', platform }) as const),
  ...guestTypes.map((type) => ({ kind: 'guest', type }) as const),
  { kind: 'token' },
  { kind: 'registered' },
  { kind: 'compliant' },
  { kind: 'hybridJoined' },
]

function distinct(atoms: readonly Atom[]): readonly Atom[] {
  return [...new Map(atoms.map((one) => [keyOf(one), one])).values()]
}

function withRows(side: Dimension, places: Locator): Side {
  const found = new Map<string, { row: readonly Atom[]; option: Dimension['options'][number] }>()
  for (const option of side.options) {
    const signIn = option(plainSignIn)
    const row = side.atoms.filter((one) => isTrue(one, signIn, places))
    const name = row.map(keyOf).join('\n')
    if (!found.has(name)) found.set(name, { row, option })
  }
  const kept = [...found.values()]
  return {
    atoms: side.atoms,
    rows: kept.map(({ row }) => row),
    options: kept.map(({ option }) => option),
  }
}

const isSame = (row: readonly Atom[], other: readonly Atom[]): boolean =>
  row.length === other.length && row.every((one, n) => other[n] === one)

function lawsOf(atoms: readonly Atom[], { groupsAbove }: Surroundings): Formula<Atom>[] {
  const is = (one: Atom) => atom(one)
  const implies = (one: Formula<Atom>, other: Formula<Atom>) => or(not(one), other)
  const registered = is({ kind: 'registered' })
  const other = is({ kind: 'client', type: 'other' })
  const { device: _, ...unregistered } = plainSignIn
  const nowhere: Locator = { isIn: () => false, isTrusted: () => false }
  const ofDevice = ofKind(atoms, 'device', 'compliant', 'hybridJoined')
  const unknown = ofDevice.map((one) =>
    isTrue(one, unregistered, nowhere) ? is(one) : not(is(one)),
  )
  const anyGuest = or(...guestTypes.map((type) => is({ kind: 'guest', type })))
  const known = new Set(ofKind(atoms, 'group').map(({ id }) => id))
  return [
    is({ kind: 'person' }),
    ...ofKind(atoms, 'servicePrincipal', 'servicePrincipalRisk').map((one) => not(is(one))),
    // What is not registered is neither compliant nor trusted, and all else of it is null.
    or(registered, and(...unknown)),
    // Basic authentication carries neither a device nor a token.
    implies(other, and(not(registered), not(is({ kind: 'token' })))),
    ...ofKind(atoms, 'tenant').map((one) => implies(is(one), anyGuest)),
    ...ofKind(atoms, 'group').flatMap((one) =>
      (groupsAbove?.get(one.id) ?? [])
        .filter((above) => known.has(above))
        .map((above) => implies(is(one), is({ kind: 'group', id: above }))),
    ),
  ]
}

/** Groups, roles, controls and methods: what there may be any number of; and no device where none is registered. */
function withMemberships(signIn: SignIn, example: Example): SignIn {
  const { device, ...rest } = signIn
  return {
    ...rest,
    ...(example.some(({ kind }) => kind === 'registered') && { device }),
    identity: {
      ...signIn.identity,
      groups: new Set(ofKind(example, 'group').map(({ id }) => id)),
      roles: new Set(ofKind(example, 'role').map(({ id }) => id)),
    },
    satisfied: new Set(ofKind(example, 'satisfied').map(({ control }) => control)),
    methods: new Set(ofKind(example, 'method').map(({ method }) => method)),
  }
}
