import type { Formula } from '../../logic/formula.ts'
import { type Atom, isTrue } from '../atom.ts'
import type { Places } from '../places.ts'
import type { SignIn } from '../sign-in.ts'
import type { Row, Side } from './side.ts'

/** What tables are made from. */
export interface Material {
  readonly places: Places
  /** Words of a row: a bit for every policy that there will be. */
  readonly width: number
}

/** A sign-in of which nothing counts but what is laid over it. */
export const nobody: SignIn = {
  identity: { kind: 'user', id: '', groups: new Set(), roles: new Set() },
  target: { kind: 'application', ids: [] },
  satisfied: new Set(),
  methods: new Set(),
}

/** The row of a side, each of its questions asked once. */
export function askRow({ atoms, rowOf }: Side, signIn: SignIn, places: Places): Row {
  const answers = atoms.map((atom) => isTrue(atom, signIn, places))
  return rowOf((place) => answers[place] === true)
}

/** Where those that are known of these are. */
export function placesIn(known: ReadonlyMap<string, number>, ids: ReadonlySet<string>): number[] {
  const places: number[] = []
  for (const id of ids) {
    const place = known.get(id)
    if (place !== undefined) places.push(place)
  }
  return places
}

/** A statement about one side, made by the policy of this number. */
export interface Stated {
  readonly policy: number
  readonly formula: Formula<Atom>
}
