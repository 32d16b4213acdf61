import { and, atom, type Formula, not, or } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'

const client = (type: 'exchangeActiveSync' | 'other') => atom<Atom>({ kind: 'client', type })

/** Basic authentication over IMAP, POP, SMTP and their like: it carries neither device nor second factor. */
export const other = client('other')

/** A client that can show the user nothing: one of those, or Exchange ActiveSync with a password. */
export const legacy: Formula<Atom> = or(
  other,
  and(client('exchangeActiveSync'), not(atom<Atom>({ kind: 'token' }))),
)

/** What must be true for one control to be satisfied, by its name in `builtInControls`. */
export interface Control {
  readonly name: string
  readonly formula: Formula<Atom>
  /** AADSTS code that the refused client is told. */
  readonly errorCode: number
}

/** Something that the user does during the sign-in, where the client can show it. */
export const interactive = (control: string): Formula<Atom> =>
  and(atom<Atom>({ kind: 'satisfied', control }), not(legacy))
