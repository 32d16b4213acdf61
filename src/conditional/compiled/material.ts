import { isTrue } from '../atom.ts'
import type { Places } from '../places.ts'
import type { SignIn } from '../sign-in.ts'
import type { Regular } from './regular.ts'
import { createSide, type Row, type Side } from './side.ts'

/** What tables are made from. */
export interface Material {
  readonly policies: readonly Regular[]
  readonly places: Places
}

/** A sign-in of which nothing counts but what is laid over it. */
export const nobody: SignIn = {
  identity: { kind: 'user', id: '', groups: new Set(), roles: new Set() },
  target: { kind: 'application', ids: [] },
  satisfied: new Set(),
  methods: new Set(),
}

/** What all policies ask about one side. */
export const sideOf = ({ policies }: Material, facet: keyof Regular['parts']): Side =>
  createSide(policies.map(({ parts }) => parts[facet]))

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
