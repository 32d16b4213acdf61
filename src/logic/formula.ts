/**
 * A statement over atoms of `A`, as data: over booleans it decides, over "which atom failed" it explains, over literals a
 * solver analyses it, and compiled it is fast. One meaning, four uses.
 */
export type Formula<A> =
  | { readonly op: 'always' }
  | { readonly op: 'never' }
  | { readonly op: 'atom'; readonly atom: A }
  | { readonly op: 'not'; readonly of: Formula<A> }
  | { readonly op: 'and'; readonly of: readonly Formula<A>[] }
  | { readonly op: 'or'; readonly of: readonly Formula<A>[] }

/** Holds whatever its atoms are. */
export const always = { op: 'always' } as const
/** Holds for nothing. */
export const never = { op: 'never' } as const

/** The statement that this atom is true. */
export function atom<A>(value: A): Formula<A> {
  return { op: 'atom', atom: value }
}

/** The opposite; a double negation disappears. */
export function not<A>(of: Formula<A>): Formula<A> {
  if (of.op === 'always') return never
  if (of.op === 'never') return always
  return of.op === 'not' ? of.of : { op: 'not', of }
}

/** All of them; of none, `always`. */
export function and<A>(...parts: readonly Formula<A>[]): Formula<A> {
  const open = parts.filter((part) => part.op !== 'always')
  if (open.some((part) => part.op === 'never')) return never
  const [only] = open
  if (!only) return always
  return open.length === 1 ? only : { op: 'and', of: open }
}

/** At least one of them; of none, `never`. */
export function or<A>(...parts: readonly Formula<A>[]): Formula<A> {
  const open = parts.filter((part) => part.op !== 'never')
  if (open.some((part) => part.op === 'always')) return always
  const [only] = open
  if (!only) return never
  return open.length === 1 ? only : { op: 'or', of: open }
}

/** Whether the statement is true where `isTrue` tells it of each atom. Asks in order, and no more than it needs. */
export function holds<A>(formula: Formula<A>, isTrue: (atom: A) => boolean): boolean {
  switch (formula.op) {
    case 'always':
      return true
    case 'never':
      return false
    case 'atom':
      return isTrue(formula.atom)
    case 'not':
      return !holds(formula.of, isTrue)
    case 'and':
      for (const part of formula.of) if (!holds(part, isTrue)) return false
      return true
    default:
      for (const part of formula.of) if (holds(part, isTrue)) return true
      return false
  }
}

/** Every atom that the statement speaks of, from left to right, repetitions included. */
export function atomsOf<A>(formula: Formula<A>): readonly A[] {
  switch (formula.op) {
    case 'always':
    case 'never':
      return []
    case 'atom':
      return [formula.atom]
    case 'not':
      return atomsOf(formula.of)
    default:
      return formula.of.flatMap((part) => atomsOf(part))
  }
}

/** The same statement over other atoms. */
export function mapAtoms<A, B>(formula: Formula<A>, to: (atom: A) => B): Formula<B> {
  if (formula.op === 'always' || formula.op === 'never') return formula
  if (formula.op === 'atom') return atom(to(formula.atom))
  if (formula.op === 'not') return not(mapAtoms(formula.of, to))
  return { op: formula.op, of: formula.of.map((part) => mapAtoms(part, to)) }
}
