import { type Atom, isTrue, keyOf } from '../atom.ts'
import type { SignIn } from '../sign-in.ts'
import { type Material, placesIn } from './material.ts'
import { demandedBy, facetOf } from './regular.ts'

/** What policies ask about a session, in conditions and in controls. */
export interface Proofs {
  /** Which of the questions have a yes; those of the conditions come first. */
  metBy(signIn: SignIn): readonly number[]
  /** A number for what a session without any risk or flow has proved; -1 where it is not as simple as that. */
  markOf(signIn: SignIn): number
}

/** More kinds of proof are not numbered: a mark has a bit for each. */
const most = 12

/** Reads sessions. `atoms`: what the conditions ask, in the order of their places. */
export function createProofs(atoms: readonly Atom[], { policies, places }: Material): Proofs {
  const demanded = policies
    .flatMap(({ prepared }) => demandedBy(prepared))
    .filter(({ kind }) => facetOf[kind] === 'session')
  const all = [...new Map([...atoms, ...demanded].map((one) => [keyOf(one), one])).values()]
  const controls = new Map<string, number>()
  const methods = new Map<string, number>()
  const others: (readonly [number, Atom])[] = []
  for (const [place, atom] of all.entries())
    if (atom.kind === 'satisfied') controls.set(atom.control, place)
    else if (atom.kind === 'method') methods.set(atom.method, place)
    else others.push([place, atom])
  const marked = [...controls.keys()]
  return {
    metBy(signIn) {
      const met = [...placesIn(controls, signIn.satisfied), ...placesIn(methods, signIn.methods)]
      for (const [place, atom] of others) if (isTrue(atom, signIn, places)) met.push(place)
      return met.sort((a, b) => a - b)
    },
    markOf(signIn) {
      const { satisfied, methods: used } = signIn
      if (marked.length > most || used.size > 0 || !isCalm(signIn)) return -1
      if (satisfied.size === 0) return 0
      let mark = 0
      for (let bit = 0; bit < marked.length; bit++)
        if (satisfied.has(marked[bit] ?? '')) mark |= 1 << bit
      return mark
    },
  }
}

const isCalm = (signIn: SignIn): boolean =>
  signIn.signInRisk === undefined &&
  signIn.userRisk === undefined &&
  signIn.servicePrincipalRisk === undefined &&
  signIn.insiderRisk === undefined &&
  signIn.flow === undefined
