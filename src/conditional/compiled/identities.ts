import { holds } from '../../logic/formula.ts'
import { type Atom, isTrue } from '../atom.ts'
import type { Identity, SignIn } from '../sign-in.ts'
import { type ClientState, clientStates } from './clients.ts'
import { Crowd } from './crowd.ts'
import { Kept } from './kept.ts'
import { type Material, nobody, placesIn, type Stated } from './material.ts'
import { facetOf } from './regular.ts'
import type { Rows } from './rows.ts'
import { type Base, createSide } from './side.ts'

/** The policies whose condition on the identity is met; it may ask for the client, too. */
export interface Identities {
  readonly rows: Rows
  add(stated: Stated): void
  /** The number of a row. */
  of(identity: Identity, client: number): number
}

/** Whoever is met is looked at once; those of whom the same is true are one kind, with a row for each variant of client. */
export function createIdentities(material: Material): Identities {
  const { places, width } = material
  const side = createSide(width)
  const questions = new Questions(material)
  const variants = new Variants(material)
  // Most are told apart by users and groups alone; for what else is true of them there are few starting points.
  const bases = new Kept<string, readonly Base[]>()
  const basesFor = (others: readonly number[]): readonly Base[] => {
    const name = others.join()
    const make = () =>
      variants.all.map(({ met }) => {
        const all = new Set([...others, ...met])
        return side.base((place) => all.has(place))
      })
    const words = variants.all.length * (width + side.atoms.length)
    return bases.get(name) ?? bases.put(name, words, make)
  }
  const crowd = new Crowd<Identity>(width, {
    unusual: (identity, from) => questions.metBy(identity, from),
    rowsOf: (_, met) => {
      const others = met.filter((place) => !questions.isName(place))
      const named = met.filter((place) => questions.isName(place))
      return basesFor(others).map((base) => base.but(named))
    },
    variants: () => variants.all.length,
    isMet: (formula, identity, variant) => {
      const signIn = { ...nobody, identity, ...variants.all[variant]?.client }
      return holds(formula, (atom: Atom) => isTrue(atom, signIn, places))
    },
  })
  return {
    rows: crowd.rows,
    add(stated) {
      const asked = side.atoms.length
      side.add(stated.policy, stated.formula)
      bases.clear()
      crowd.add(stated, asked)
      const added = side.atoms.slice(asked)
      for (const [n, atom] of added.entries()) questions.add(atom, asked + n)
      if (added.some(isOfClient)) {
        variants.read(side.atoms)
        crowd.clear()
      }
    },
    of: (identity, client) => crowd.of(identity) + variants.of(client),
  }
}

const isOfClient = ({ kind }: Atom): boolean => facetOf[kind] === 'client'

/** Looks users and groups up, of which policies name many, and asks the rest one by one. */
class Questions {
  readonly #users = new Map<string, number>()
  readonly #groups = new Map<string, number>()
  readonly #others = new Map<number, Atom>()
  readonly #material: Material
  readonly #atoms: Atom[] = []

  constructor(material: Material) {
    this.#material = material
  }

  add(atom: Atom, place: number): void {
    this.#atoms[place] = atom
    if (atom.kind === 'user') this.#users.set(atom.id.toLowerCase(), place)
    else if (atom.kind === 'group') this.#groups.set(atom.id, place)
    else if (!isOfClient(atom)) this.#others.set(place, atom)
  }

  /** Whether it asks for one user or group. */
  isName(place: number): boolean {
    return !this.#others.has(place)
  }

  /** Those from this place on with a yes, ascending. */
  metBy(identity: Identity, from: number): readonly number[] {
    const signIn = { ...nobody, identity }
    const isMet = (atom: Atom) => isTrue(atom, signIn, this.#material.places)
    // Of a policy that came later there are few.
    if (from > 0)
      return this.#atoms
        .slice(from)
        .flatMap((atom, n) => (!isOfClient(atom) && isMet(atom) ? [from + n] : []))
    const met = placesIn(this.#groups, identity.groups)
    const user = identity.kind === 'user' ? this.#users.get(identity.id.toLowerCase()) : undefined
    if (user !== undefined) met.push(user)
    for (const [place, atom] of this.#others) if (isMet(atom)) met.push(place)
    return met.sort((a, b) => a - b)
  }
}

/** Clients that are the same to conditions on the identity. */
class Variants {
  /** Of each what it meets, and one client that is of it. */
  all: readonly { readonly met: readonly number[]; readonly client: ClientState }[] = []
  readonly #of = new Uint8Array(clientStates.length)
  readonly #material: Material

  constructor(material: Material) {
    this.#material = material
    this.read([])
  }

  of(client: number): number {
    return this.#of[client] ?? 0
  }

  read(atoms: readonly Atom[]): void {
    const asked = [...atoms.entries()].filter(([, atom]) => isOfClient(atom))
    const found: { met: readonly number[]; client: ClientState }[] = []
    const names = new Map<string, number>()
    for (const [number, client] of clientStates.entries()) {
      const signIn: SignIn = { ...nobody, ...client }
      const met = asked.flatMap(([place, atom]) =>
        isTrue(atom, signIn, this.#material.places) ? [place] : [],
      )
      const variant = names.get(met.join()) ?? found.push({ met, client }) - 1
      names.set(met.join(), variant)
      this.#of[number] = variant
    }
    this.all = found
  }
}
