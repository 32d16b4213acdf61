import { type Atom, isTrue, keyOf } from '../atom.ts'
import type { SignIn } from '../sign-in.ts'
import { type Material, placesIn } from './material.ts'

/** More kinds of proof are not numbered: a mark has a bit for each. */
const most = 12

/** Reads sessions: what policies ask about one, in conditions and in controls. */
export class Proofs {
  readonly #controls = new Map<string, number>()
  readonly #methods = new Map<string, number>()
  readonly #others: (readonly [number, Atom])[] = []
  readonly #places = new Map<string, number>()
  readonly #material: Material

  constructor(material: Material) {
    this.#material = material
  }

  /** What one more policy asks. */
  add(atoms: readonly Atom[]): void {
    for (const atom of atoms) {
      const key = keyOf(atom)
      if (this.#places.has(key)) continue
      const place = this.#places.size
      this.#places.set(key, place)
      if (atom.kind === 'satisfied') this.#controls.set(atom.control, place)
      else if (atom.kind === 'method') this.#methods.set(atom.method, place)
      else this.#others.push([place, atom])
    }
  }

  /** Which of the questions have a yes, ascending. */
  metBy(signIn: SignIn): readonly number[] {
    const { places } = this.#material
    const met = placesIn(this.#controls, signIn.satisfied)
    met.push(...placesIn(this.#methods, signIn.methods))
    for (const [place, atom] of this.#others) if (isTrue(atom, signIn, places)) met.push(place)
    return met.sort((a, b) => a - b)
  }

  /** A number for what a session without any risk or flow has proved; -1 where it is not as simple as that. */
  markOf(signIn: SignIn): number {
    const { satisfied, methods } = signIn
    if (this.#controls.size > most || methods.size > 0 || !isCalm(signIn)) return -1
    if (satisfied.size === 0) return 0
    let mark = 0
    let bit = 1
    for (const control of this.#controls.keys()) {
      if (satisfied.has(control)) mark |= bit
      bit <<= 1
    }
    return mark
  }
}

const isCalm = (signIn: SignIn): boolean =>
  signIn.signInRisk === undefined &&
  signIn.userRisk === undefined &&
  signIn.servicePrincipalRisk === undefined &&
  signIn.insiderRisk === undefined &&
  signIn.flow === undefined
