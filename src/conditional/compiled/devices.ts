import { type Atom, isTrue, keyOf } from '../atom.ts'
import { seenByFilter } from '../device-filter.ts'
import type { SignInDevice } from '../sign-in.ts'
import { Kept } from './kept.ts'
import { Kinds } from './kinds.ts'
import { type Material, nobody, sideOf } from './material.ts'
import { Numbers } from './numbers.ts'
import { demandedBy, facetOf } from './regular.ts'
import type { Rows } from './rows.ts'
import { Seen } from './seen.ts'
import type { Base } from './side.ts'

/** The policies whose condition on the device is met. */
export interface Devices {
  readonly rows: Rows
  /** The number of a row. */
  of(device: SignInDevice | undefined): number
  /** Which of the demands on devices a device of this row meets: a number below `demands`. */
  demandOf(row: number): number
  readonly demands: number
}

/** Whichever is met is looked at once; those of which the same is true are one kind. */
export function createDevices(material: Material): Devices {
  const { policies, places } = material
  const side = sideOf(material, 'device')
  const all = policies.flatMap(({ prepared }) => demandedBy(prepared))
  const onDevices = all.filter(({ kind }) => facetOf[kind] === 'device')
  const demanded = [...new Map(onDevices.map((atom) => [keyOf(atom), atom])).values()]
  const demandOf = new Numbers()
  const seen = new Seen<SignInDevice>()
  let none = -1
  const kinds = new Kinds(side.width, () => {
    seen.clear()
    none = -1
  })
  const read = createReading(side.atoms, material)
  const bases = new Map<string, Base>()
  const baseFor = (states: readonly number[]): Base => {
    const name = states.join()
    const base =
      bases.get(name) ??
      side.base((place) => states.includes(place) || read.ofNothing[place] === true)
    bases.set(name, base)
    return base
  }
  const meet = (device: SignInDevice | undefined): number => {
    const signIn = { ...nobody, device }
    const demand = demanded.reduce(
      (sum, atom, bit) => sum + (isTrue(atom, signIn, places) ? 1 << bit : 0),
      0,
    )
    const { states, turned } = read.read(device)
    const name = `${demand} ${states.join()} ${turned.join()}`
    const row = kinds.numberOf(name, 1, () => [baseFor(states).but(turned)])
    demandOf.set(row, demand)
    return row
  }
  return {
    rows: kinds.rows,
    demands: 1 << demanded.length,
    demandOf: (row) => demandOf.at(row),
    of(device) {
      if (device === undefined) return none < 0 ? (none = meet(undefined)) : none
      const known = seen.find(device)
      if (known >= 0) return known
      const row = meet(device)
      seen.put(device, row)
      return row
    },
  }
}

/**
 * What is true of a device, told by how it differs from one of which nothing is known. A fleet has few values of each
 * property, and what one of them answers is the same on every device: it is asked once.
 */
function createReading(atoms: readonly Atom[], { places }: Material) {
  const asked = [...atoms.entries()]
  const ofNothing = atoms.map((atom) => isTrue(atom, nobody, places))
  const states = asked.filter(([, { kind }]) => kind !== 'device')
  const byProperty = new Map<string, (readonly [number, Atom])[]>()
  for (const [place, atom] of asked) {
    if (atom.kind !== 'device') continue
    const { property } = atom.comparison
    byProperty.set(property, [...(byProperty.get(property) ?? []), [place, atom]])
  }
  const answers = new Kept<string, readonly number[]>()
  return {
    ofNothing,
    read(device: SignInDevice | undefined): {
      states: readonly number[]
      turned: readonly number[]
    } {
      const signIn = { ...nobody, device }
      const turnedBy = (own: readonly (readonly [number, Atom])[]) =>
        own.flatMap(([place, atom]) =>
          isTrue(atom, signIn, places) === ofNothing[place] ? [] : [place],
        )
      const turned: number[] = []
      if (device)
        for (const [property, own] of byProperty) {
          const value = seenByFilter(device, property)
          if (value === undefined) continue
          const name = `${property} ${JSON.stringify(value)}`
          turned.push(...(answers.get(name) ?? answers.put(name, own.length, () => turnedBy(own))))
        }
      return { states: turnedBy(states), turned }
    },
  }
}
