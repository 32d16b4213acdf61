import { type Atom, isTrue } from '../atom.ts'
import type { Identity, SignIn } from '../sign-in.ts'
import { clientStates } from './clients.ts'
import { Kept } from './kept.ts'
import { Kinds } from './kinds.ts'
import { type Material, nobody, placesIn, sideOf } from './material.ts'
import { facetOf } from './regular.ts'
import type { Rows } from './rows.ts'
import { Seen } from './seen.ts'
import type { Base } from './side.ts'

/** The policies whose condition on the identity is met; it may ask for the client, too. */
export interface Identities {
  readonly rows: Rows
  /** The number of a row. */
  of(identity: Identity, client: number): number
}

/** Whoever is met is looked at once; those of whom the same is true are one kind, with a row for each variant of client. */
export function createIdentities(material: Material): Identities {
  const side = sideOf(material, 'identity')
  const metBy = createAsking(side.atoms, material)
  const { variantOf, met } = variantsOf(side.atoms, material)
  const seen = new Seen<Identity>()
  const kinds = new Kinds(side.width, () => seen.clear())
  // Most are told apart by users and groups alone; for what else is true of them there are few starting points.
  const bases = new Kept<string, readonly Base[]>()
  const basesFor = (others: readonly number[]): readonly Base[] => {
    const name = others.join()
    const make = () =>
      met.map((ofClient) => {
        const all = new Set([...others, ...ofClient])
        return side.base((place) => all.has(place))
      })
    return bases.get(name) ?? bases.put(name, met.length * (side.width + side.atoms.length), make)
  }
  const meet = (identity: Identity): number => {
    const { named, others } = metBy(identity)
    const number = kinds.numberOf(`${others.join()} ${named.join()}`, met.length, () =>
      basesFor(others).map((base) => base.but(named)),
    )
    seen.put(identity, number)
    return number
  }
  return {
    rows: kinds.rows,
    of(identity, client) {
      const known = seen.find(identity)
      return (known < 0 ? meet(identity) : known) + (variantOf[client] ?? 0)
    },
  }
}

/** Looks users and groups up, of which policies name many, and asks the rest one by one. */
function createAsking(atoms: readonly Atom[], { places }: Material) {
  const users = new Map<string, number>()
  const groups = new Map<string, number>()
  const asked: (readonly [number, Atom])[] = []
  for (const [place, atom] of atoms.entries())
    if (atom.kind === 'user') users.set(atom.id.toLowerCase(), place)
    else if (atom.kind === 'group') groups.set(atom.id, place)
    else if (facetOf[atom.kind] === 'identity') asked.push([place, atom])
  return (identity: Identity): { named: readonly number[]; others: readonly number[] } => {
    const named = placesIn(groups, identity.groups)
    const user = identity.kind === 'user' ? users.get(identity.id.toLowerCase()) : undefined
    if (user !== undefined) named.push(user)
    const signIn = { ...nobody, identity }
    const others: number[] = []
    for (const [place, atom] of asked) if (isTrue(atom, signIn, places)) others.push(place)
    return { named: named.sort((a, b) => a - b), others }
  }
}

/** Clients that are the same to conditions on the identity. */
function variantsOf(atoms: readonly Atom[], { places }: Material) {
  const met: (readonly number[])[] = []
  const names = new Map<string, number>()
  const asked = [...atoms.entries()].filter(([, { kind }]) => facetOf[kind] === 'client')
  const numberOf = (signIn: SignIn): number => {
    const own = asked.flatMap(([place, atom]) => (isTrue(atom, signIn, places) ? [place] : []))
    const variant = names.get(own.join()) ?? met.push(own) - 1
    names.set(own.join(), variant)
    return variant
  }
  const variantOf = Uint8Array.from(clientStates, (state) => numberOf({ ...nobody, ...state }))
  return { variantOf, met }
}
