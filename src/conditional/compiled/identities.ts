import { type Atom, isTrue } from '../atom.ts'
import type { Identity, SignIn } from '../sign-in.ts'
import { clientStates } from './clients.ts'
import { Kept } from './kept.ts'
import { type Material, nobody, placesIn, sideOf } from './material.ts'
import { facetOf } from './regular.ts'
import type { Row } from './side.ts'

/** One identity to all policies. */
interface Kind {
  /** Places of the atoms that are true of it. */
  readonly met: readonly number[]
  /** By variant of the client. */
  readonly rows: (Row | undefined)[]
}

/**
 * The policies whose condition on the identity is met; it may ask for the client, too. Identities are known again by being
 * the same object, and those of whom the same is asked share their rows.
 */
export function createIdentities(material: Material): (identity: Identity, client: number) => Row {
  const side = sideOf(material, 'identity')
  const metBy = createAsking(side.atoms, material)
  const variants = variantsOf(side.atoms, material)
  let seen = new WeakMap<Identity, Kind>()
  const kinds = new Kept<string, Kind>(() => {
    seen = new WeakMap()
  })
  const meet = (identity: Identity): Kind => {
    const met = metBy(identity)
    const name = met.join()
    const kind = kinds.get(name) ?? kinds.put(name, { met, rows: [] }, met.length)
    seen.set(identity, kind)
    return kind
  }
  const makeRow = ({ met, rows }: Kind, variant: number): Row => {
    const all = new Set([...met, ...(variants.met[variant] ?? [])])
    const row = side.rowOf((place) => all.has(place))
    rows[variant] = row
    kinds.grow(row.length)
    return row
  }
  return (identity, client) => {
    const kind = seen.get(identity) ?? meet(identity)
    const variant = variants.of[client] ?? 0
    return kind.rows[variant] ?? makeRow(kind, variant)
  }
}

/** Looks users and groups up, of which policies name many, and asks the rest one by one. */
function createAsking(
  atoms: readonly Atom[],
  { places }: Material,
): (identity: Identity) => readonly number[] {
  const users = new Map<string, number>()
  const groups = new Map<string, number>()
  const others: number[] = []
  for (const [place, atom] of atoms.entries())
    if (atom.kind === 'user') users.set(atom.id.toLowerCase(), place)
    else if (atom.kind === 'group') groups.set(atom.id, place)
    else if (facetOf[atom.kind] === 'identity') others.push(place)
  return (identity) => {
    const met = placesIn(groups, identity.groups)
    const user = identity.kind === 'user' ? users.get(identity.id.toLowerCase()) : undefined
    if (user !== undefined) met.push(user)
    const signIn = { ...nobody, identity }
    for (const place of others) {
      const atom = atoms[place]
      if (atom && isTrue(atom, signIn, places)) met.push(place)
    }
    return met.sort((a, b) => a - b)
  }
}

/** Clients that are the same to conditions on the identity. */
function variantsOf(atoms: readonly Atom[], { places }: Material) {
  const met: (readonly number[])[] = []
  const names = new Map<string, number>()
  const variantOf = (signIn: SignIn): number => {
    const own = [...atoms.entries()].flatMap(([place, atom]) =>
      facetOf[atom.kind] === 'client' && isTrue(atom, signIn, places) ? [place] : [],
    )
    const variant = names.get(own.join()) ?? met.push(own) - 1
    names.set(own.join(), variant)
    return variant
  }
  return { of: clientStates.map((state) => variantOf({ ...nobody, ...state })), met }
}
