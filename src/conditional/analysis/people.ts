import { always, and, atom, type Formula, or } from '../../logic/formula.ts'
import { type Atom, isTrue, keyOf, type Locator } from '../atom.ts'
import type { Prepared } from '../evaluate.ts'
import type { Identity } from '../sign-in.ts'
import { ofKind, plainSignIn } from './dimension.ts'
import { noneOf } from './inquiry.ts'

/** A kind of user that the policies tell apart. */
export type Who =
  /** An employee whom policies mean: in a group that some policy includes, where any does, and in no exception. */
  | { readonly kind: 'member' }
  /** An employee of whom no policy speaks: in no group or role, and not by name. */
  | { readonly kind: 'unmentioned' }
  /** A guest of this type. */
  | { readonly kind: 'guest'; readonly type: string }
  /** Whoever policies only ever exclude: meant to be let off. */
  | { readonly kind: 'exception'; readonly atom: Atom }
  /** Whoever is in several of the above at once. */
  | { readonly kind: 'several' }
  /** These users of the directory, whom the policies do not tell apart. */
  | { readonly kind: 'people'; readonly names: readonly string[] }

/** A class of users, as what is true of them. */
export interface UserClass {
  readonly who: Who
  readonly is: Formula<Atom>
  /** Whom a member of this class would be like, were it not for an exception; absent where it is in none. */
  readonly usually?: readonly Formula<Atom>[]
  /** Only what the exception opens is of interest: the rest is told of the others. */
  readonly exceptionsOnly?: boolean
}

/** A user of the directory. */
export interface Person {
  readonly name: string
  readonly identity: Identity
}

const userKinds = ['user', 'group', 'role', 'guest', 'tenant'] as const
type UserAtom = Extract<Atom, { kind: (typeof userKinds)[number] }>

/** Everything that policies ask about users. */
export const ofUsers = (atoms: readonly Atom[]): readonly UserAtom[] => ofKind(atoms, ...userKinds)

/** Whom policies only ever exclude: of whom they speak only under an odd number of `not`. */
export function exceptionsAmong(prepared: readonly Prepared[]): readonly UserAtom[] {
  const included = new Set<string>()
  const excluded = new Map<string, Atom>()
  const read = (formula: Formula<Atom>, straight: boolean): void => {
    if (formula.op === 'not') read(formula.of, !straight)
    else if (formula.op === 'and' || formula.op === 'or')
      for (const part of formula.of) read(part, straight)
    else if (formula.op === 'atom' && straight) included.add(keyOf(formula.atom))
    else if (formula.op === 'atom') excluded.set(keyOf(formula.atom), formula.atom)
  }
  for (const { parts } of prepared)
    for (const { condition, formula } of parts) if (condition.name === 'users') read(formula, true)
  return ofUsers([...excluded].filter(([key]) => !included.has(key)).map(([, one]) => one))
}

/** The classes to ask about where no directory is given. */
export function classesOf(atoms: readonly Atom[], exceptions: readonly UserAtom[]): UserClass[] {
  const users = ofUsers(atoms)
  const excepted = ofKind(exceptions, 'user', 'group', 'role')
  const guests = ofKind(atoms, 'guest')
  const included = ofKind(atoms, 'group').filter((one) => !exceptions.includes(one))
  const employed = noneOf(guests)
  const isIncluded = included.length > 0 ? [or(...included.map((one) => atom<Atom>(one)))] : []
  const member = and(employed, noneOf(excepted), ...isIncluded)
  const unmentioned = noneOf(users)
  const ordinary: UserClass[] = [
    { who: { kind: 'member' }, is: member },
    ...(included.length > 0 ? [{ who: { kind: 'unmentioned' }, is: unmentioned } as const] : []),
  ]
  const strangers = guests.map(
    (one): UserClass => ({
      who: { kind: 'guest', type: one.type },
      is: and(atom<Atom>(one), noneOf(excepted)),
      ...(exceptions.includes(one) && { usually: [] }),
    }),
  )
  const excused = excepted.map(
    (one): UserClass => ({
      who: { kind: 'exception', atom: one },
      is: and(atom<Atom>(one), employed, noneOf(excepted.filter((other) => other !== one))),
      usually: ordinary.map(({ is }) => is),
      exceptionsOnly: true,
    }),
  )
  const several: UserClass = {
    who: { kind: 'several' },
    is: always,
    usually: [...ordinary, ...strangers, ...excused].map(({ is }) => is),
    exceptionsOnly: true,
  }
  return [...ordinary, ...strangers, ...excused, several]
}

/** The users of a directory, by what policies can tell of them. */
export function classesOfPeople(
  people: readonly Person[],
  atoms: readonly Atom[],
  exceptions: readonly UserAtom[],
): UserClass[] {
  const users = ofUsers(atoms)
  const found = new Map<string, { names: string[]; own: Set<Atom> }>()
  for (const { name, identity } of people) {
    const own = users.filter((one) => isTrue(one, { ...plainSignIn, identity }, nowhere))
    const key = own.map(keyOf).join('\n')
    const known = found.get(key)
    if (known) known.names.push(name)
    else found.set(key, { names: [name], own: new Set(own) })
  }
  return [...found.values()].map(({ names, own }) => {
    const exactly = (set: ReadonlySet<Atom>) =>
      and(
        ...users.filter((one) => set.has(one)).map((one) => atom<Atom>(one)),
        noneOf(users.filter((one) => !set.has(one))),
      )
    const rest = new Set(users.filter((one) => own.has(one) && !exceptions.includes(one)))
    return {
      who: { kind: 'people', names },
      is: exactly(own),
      ...(rest.size < own.size && { usually: [exactly(rest)] }),
    }
  })
}

const nowhere: Locator = { isIn: () => false, isTrusted: () => false }
