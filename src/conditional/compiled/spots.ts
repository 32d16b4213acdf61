import { isTrue } from '../atom.ts'
import type { SignIn } from '../sign-in.ts'
import { Kinds } from './kinds.ts'
import type { Material, Stated } from './material.ts'
import { Numbers } from './numbers.ts'
import type { Rows } from './rows.ts'
import { createSide } from './side.ts'

/** The policies whose condition on the place is met. */
export interface Spots {
  readonly rows: Rows
  add(stated: Stated): void
  /** The number of a row. */
  of(signIn: SignIn): number
}

/** Each spot is looked at once; those of which the same is true share a row. They are few: after another policy, all begin anew. */
export function createSpots({ places, width }: Material): Spots {
  const side = createSide(width)
  const numbers = new Numbers()
  const kinds = new Kinds(width, () => numbers.clear())
  const meet = (signIn: SignIn, spot: number): number => {
    const answers = side.atoms.map((atom) => isTrue(atom, signIn, places))
    const name = [...answers.keys()].filter((place) => answers[place]).join()
    const number = kinds.numberOf(name, 1, () => [side.rowOf((place) => answers[place] === true)])
    numbers.set(spot, number)
    return number
  }
  return {
    rows: kinds.rows,
    add({ policy, formula }) {
      side.add(policy, formula)
      kinds.clear()
    },
    of(signIn) {
      const spot = side.atoms.length === 0 ? 0 : places.spotOf(signIn.address, signIn.country)
      const known = numbers.at(spot)
      return known < 0 ? meet(signIn, spot) : known
    },
  }
}
