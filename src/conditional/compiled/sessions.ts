import { holds } from '../../logic/formula.ts'
import { type Atom, isInteractive, isTrue } from '../atom.ts'
import { legacy } from '../controls/control.ts'
import type { Judged } from '../evaluate.ts'
import type { SignIn } from '../sign-in.ts'
import { Kept } from './kept.ts'
import { type Material, sideOf } from './material.ts'
import { Numbers } from './numbers.ts'
import { createProofs } from './proofs.ts'
import { Rows } from './rows.ts'
import { createSide, type Row } from './side.ts'

/**
 * What policies make of a session, with its risks and proofs, on a kind of device, by a client. Four rows each: the policies
 * whose condition on the session is met; those that are not satisfied, if they apply; of those, which nothing that the user
 * does could satisfy; those that ask for a fresh proof of identity.
 */
export interface Sessions {
  readonly rows: Rows
  /** The number of the first row. `kind`: a number of the client and the device together, below that of all kinds. */
  of(signIn: SignIn, kind: number): number
  /** What was said of policies, by their number, where time has no part in it. */
  judgedOf(row: number): (Judged | undefined)[]
}

interface Session {
  readonly row: Row
  /** By kind, the number of the first row. */
  readonly numbers: Numbers
}

export function createSessions(material: Material): Sessions {
  const { policies } = material
  const side = sideOf(material, 'session')
  const demands = createDemands(material)
  const proofs = createProofs(side.atoms, material)
  const rows = new Rows(side.width)
  let judged: (Judged | undefined)[][] = []
  let known: Session[] = []
  const kept = new Kept<string, Session>(() => {
    rows.clear()
    judged = []
    known = []
  })
  const meet = (signIn: SignIn, mark: number): Session => {
    const met = proofs.metBy(signIn)
    const name = met.join()
    const held = new Set(met)
    const make = () => ({ row: side.rowOf((place) => held.has(place)), numbers: new Numbers() })
    const session = kept.get(name) ?? kept.put(name, side.width, make)
    if (mark >= 0) known[mark] = session
    return session
  }
  const judge = (session: Session, kind: number, signIn: SignIn): number => {
    // Where all begins anew with this, the session is met again the next time.
    kept.grow(4 * side.width + policies.length)
    const { unmet, hard, timed } = demands(signIn)
    const [number = 0] = [session.row, unmet, hard, timed].map((row) => rows.add(row))
    session.numbers.set(kind, number)
    judged[number] = []
    return number
  }
  return {
    rows,
    of(signIn, kind) {
      const mark = proofs.markOf(signIn)
      const session = known[mark] ?? meet(signIn, mark)
      const number = session.numbers.at(kind)
      return number < 0 ? judge(session, kind, signIn) : number
    },
    judgedOf: (row) => judged[row] ?? [],
  }
}

/** Asks the controls of all policies at once. */
function createDemands({ policies, places }: Material) {
  const granted = createSide(policies.map(({ prepared }) => prepared.grant.formula))
  const timed = createSide(
    policies.map(({ prepared: { frequency } }) =>
      frequency === undefined ? { op: 'never' } : { op: 'always' },
    ),
  ).rowOf(() => false)
  const untimed = new Int32Array(timed.length)
  return (signIn: SignIn) => {
    const answers = granted.atoms.map((atom) => isTrue(atom, signIn, places))
    const could = granted.atoms.map((atom, place) => answers[place] === true || isInteractive(atom))
    const isLegacy = holds(legacy, (atom: Atom) => isTrue(atom, signIn, places))
    return {
      unmet: granted.rowOf((place) => answers[place] === true).map((bits) => ~bits),
      hard: granted.rowOf((place) => could[place] === true).map((bits) => ~bits),
      // A password that is sent with every request is always fresh.
      timed: isLegacy ? untimed : timed,
    }
  }
}
