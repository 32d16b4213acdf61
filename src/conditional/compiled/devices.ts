import { holds } from '../../logic/formula.ts'
import { type Atom, isTrue } from '../atom.ts'
import { seenByFilter } from '../device-filter.ts'
import type { SignInDevice } from '../sign-in.ts'
import { Crowd } from './crowd.ts'
import { Kept } from './kept.ts'
import { type Material, nobody, type Stated } from './material.ts'
import { Numbers } from './numbers.ts'
import type { Rows } from './rows.ts'
import { type Base, createSide } from './side.ts'

/** The policies whose condition on the device is met. */
export interface Devices {
  readonly rows: Rows
  add(stated: Stated): void
  /** The number of a row. */
  of(device: SignInDevice | undefined): number
  /** What a device of this row is to demands on devices: a number below 8. */
  demandOf(row: number): number
}

/** All that controls may demand of a device; `regular.ts` lets no other through. */
const demandable: readonly Atom[] = [
  { kind: 'registered' },
  { kind: 'compliant' },
  { kind: 'hybridJoined' },
]

/** Stands for no device at all. */
const noDevice: SignInDevice = { attributes: {} }
const deviceOf = (one: SignInDevice) => (one === noDevice ? undefined : one)

/** Whichever is met is looked at once; those of which the same is true are one kind. */
export function createDevices(material: Material): Devices {
  const { places, width } = material
  const side = createSide(width)
  const questions = new Questions(material)
  const demandOf = new Numbers()
  let none = -1
  const bases = new Kept<string, Base>()
  const baseFor = (states: readonly number[]): Base => {
    const name = states.join()
    const make = () => side.base((place) => questions.ofNothing[place] !== states.includes(place))
    return bases.get(name) ?? bases.put(name, width + side.atoms.length, make)
  }
  const demandFor = (one: SignInDevice): number => {
    const signIn = { ...nobody, device: deviceOf(one) }
    return demandable.reduce(
      (sum, atom, bit) => sum + (isTrue(atom, signIn, places) ? 1 << bit : 0),
      0,
    )
  }
  const crowd = new Crowd<SignInDevice>(width, {
    label: (one) => `${demandFor(one)} `,
    unusual: (one, from) => questions.turnedBy(deviceOf(one), from),
    rowsOf: (_, turned) => {
      const states = turned.filter((place) => questions.isState(place))
      return [baseFor(states).but(turned.filter((place) => !questions.isState(place)))]
    },
    variants: () => 1,
    isMet: (formula, one) => {
      const signIn = { ...nobody, device: deviceOf(one) }
      return holds(formula, (atom: Atom) => isTrue(atom, signIn, places))
    },
    made: (row, one) => demandOf.set(row, demandFor(one)),
    forget: () => {
      none = -1
    },
  })
  return {
    rows: crowd.rows,
    demandOf: (row) => demandOf.at(row),
    add(stated) {
      const asked = side.atoms.length
      side.add(stated.policy, stated.formula)
      bases.clear()
      crowd.add(stated, asked)
      questions.add(side.atoms.slice(asked))
      none = -1
    },
    of(device) {
      if (device !== undefined) return crowd.of(device)
      return none < 0 ? (none = crowd.of(noDevice)) : none
    },
  }
}

/**
 * What is true of a device, told by how it differs from one of which nothing is known. A fleet has few values of each
 * property, and what one of them answers is the same on every device: it is asked once.
 */
class Questions {
  readonly ofNothing: boolean[] = []
  readonly #atoms: Atom[] = []
  readonly #states: number[] = []
  readonly #byProperty = new Map<string, number[]>()
  readonly #answers = new Kept<string, readonly number[]>()
  readonly #material: Material

  constructor(material: Material) {
    this.#material = material
  }

  add(atoms: readonly Atom[]): void {
    for (const atom of atoms) {
      const place = this.#atoms.push(atom) - 1
      this.ofNothing.push(isTrue(atom, nobody, this.#material.places))
      if (atom.kind !== 'device') this.#states.push(place)
      else {
        const { property } = atom.comparison
        const known = this.#byProperty.get(property)
        if (known) known.push(place)
        else this.#byProperty.set(property, [place])
      }
    }
    if (atoms.length > 0) this.#answers.clear()
  }

  isState(place: number): boolean {
    return this.#atoms[place]?.kind !== 'device'
  }

  /** Those from this place on that it answers otherwise, ascending. */
  turnedBy(device: SignInDevice | undefined, from: number): readonly number[] {
    if (!device) return []
    const signIn = { ...nobody, device }
    const isTurned = (place: number): boolean => {
      const atom = this.#atoms[place]
      return (
        atom !== undefined && isTrue(atom, signIn, this.#material.places) !== this.ofNothing[place]
      )
    }
    // Of a policy that came later there are few.
    if (from > 0)
      return this.#atoms.slice(from).flatMap((_, n) => (isTurned(from + n) ? [from + n] : []))
    const turned = this.#states.filter(isTurned)
    for (const [property, own] of this.#byProperty) {
      const value = seenByFilter(device, property)
      if (value === undefined) continue
      const name = `${property} ${JSON.stringify(value)}`
      const make = () => own.filter(isTurned)
      turned.push(...(this.#answers.get(name) ?? this.#answers.put(name, own.length, make)))
    }
    return turned.sort((a, b) => a - b)
  }
}
