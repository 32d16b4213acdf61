import { isTrue } from '../atom.ts'
import type { SignIn } from '../sign-in.ts'
import { Kinds } from './kinds.ts'
import { type Material, nobody, sideOf } from './material.ts'
import { Numbers } from './numbers.ts'
import type { Rows } from './rows.ts'

/** The policies whose condition on the place is met. */
export interface Spots {
  readonly rows: Rows
  /** The number of a row. */
  of(signIn: SignIn): number
}

/** Each spot is looked at once; those of which the same is true share a row. */
export function createSpots(material: Material): Spots {
  const { places } = material
  const side = sideOf(material, 'place')
  const numbers = new Numbers()
  const kinds = new Kinds(side.width, () => numbers.clear())
  const meet = (signIn: SignIn, spot: number): number => {
    const answers = side.atoms.map((atom) => isTrue(atom, signIn, places))
    const name = [...answers.keys()].filter((place) => answers[place]).join()
    const number = kinds.numberOf(name, 1, () => [side.rowOf((place) => answers[place] === true)])
    numbers.set(spot, number)
    return number
  }
  const isAnywhere = side.atoms.length === 0
  const anywhere = isAnywhere ? meet(nobody, 0) : -1
  return {
    rows: kinds.rows,
    of(signIn) {
      if (isAnywhere) return anywhere
      const spot = places.spotOf(signIn)
      const known = numbers.at(spot)
      return known < 0 ? meet(signIn, spot) : known
    },
  }
}
