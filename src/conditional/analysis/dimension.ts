import type { Atom } from '../atom.ts'
import type { SignIn } from '../sign-in.ts'

/** One side of a sign-in, which has one of several values: the client, the place, the model of the device. */
export interface Dimension {
  /** All that policies ask about this side. */
  readonly atoms: readonly Atom[]
  /** The values that make a difference, each as what it sets. */
  readonly options: readonly ((signIn: SignIn) => SignIn)[]
}

/** A dimension whose options are the same property with different values; `undefined`: not set. */
export function property<K extends keyof SignIn>(
  atoms: readonly Atom[],
  name: K,
  values: readonly SignIn[K][],
): Dimension {
  return { atoms, options: values.map((value) => (signIn) => ({ ...signIn, [name]: value })) }
}

/** The atoms of some kinds, each once. */
export function ofKind<K extends Atom['kind']>(
  atoms: readonly Atom[],
  ...kinds: readonly K[]
): Extract<Atom, { kind: K }>[] {
  const wanted: ReadonlySet<string> = new Set(kinds)
  return atoms.filter((atom): atom is Extract<Atom, { kind: K }> => wanted.has(atom.kind))
}

/** The sign-in on which every dimension builds: a nobody, with a registered device of which nothing is known, to an app that no policy names. */
export const plainSignIn: SignIn = {
  identity: { kind: 'user', id: 'someone', groups: new Set(), roles: new Set() },
  target: { kind: 'application', ids: ['another application'] },
  client: 'browser',
  address: '2001:db8:ffff::1',
  device: { attributes: {} },
  satisfied: new Set(),
  methods: new Set(),
}
