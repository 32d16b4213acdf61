import { atomsOf, holds } from '../../logic/formula.ts'
import { type Atom, isInteractive, isTrue } from '../atom.ts'
import { legacy } from '../controls/control.ts'
import type { Judged, Prepared } from '../evaluate.ts'
import type { SignIn } from '../sign-in.ts'
import { Kept } from './kept.ts'
import { askRow, type Material } from './material.ts'
import { Numbers } from './numbers.ts'
import { Proofs } from './proofs.ts'
import { demandedBy, facetOf, type Regular } from './regular.ts'
import { Rows } from './rows.ts'
import { createSide, enterBit, type Row, type Side } from './side.ts'

/**
 * What policies make of a session, with its risks and proofs, on a kind of device, by a client. Four rows each: the policies
 * whose condition on the session is met; those that are not satisfied, if they apply; of those, which nothing that the user
 * does could satisfy; those that ask for a fresh proof of identity.
 */
export interface Sessions {
  readonly rows: Rows
  add(policy: number, regular: Regular): void
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

/** There are few: after another policy, all begin anew. */
export function createSessions(material: Material): Sessions {
  const { places, width } = material
  const side = createSide(width)
  const demands = new Demands(material)
  const proofs = new Proofs(material)
  const rows = new Rows(width)
  let judged: (Judged | undefined)[][] = []
  let known: Session[] = []
  const kept = new Kept<string, Session>(() => {
    rows.clear()
    judged = []
    known = []
  })
  const meet = (signIn: SignIn, mark: number): Session => {
    const name = proofs.metBy(signIn).join()
    const make = () => ({ row: askRow(side, signIn, places), numbers: new Numbers() })
    const session = kept.get(name) ?? kept.put(name, width, make)
    if (mark >= 0) known[mark] = session
    return session
  }
  const judge = (session: Session, kind: number, signIn: SignIn): number => {
    // Where all begins anew with this, the session is met again the next time.
    kept.grow(36 * width)
    const { unmet, hard, timed } = demands.of(signIn)
    const [number = 0] = [session.row, unmet, hard, timed].map((row) => rows.add(row))
    session.numbers.set(kind, number)
    judged[number] = []
    return number
  }
  return {
    rows,
    add(policy, { prepared, parts }) {
      const isOfSession = ({ kind }: Atom) => facetOf[kind] === 'session'
      side.add(policy, parts.session)
      proofs.add([...atomsOf(parts.session), ...demandedBy(prepared).filter(isOfSession)])
      demands.add(policy, prepared)
      kept.clear()
    },
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
class Demands {
  readonly #granted: Side
  readonly #timed: Row
  readonly #untimed: Row
  readonly #material: Material

  constructor(material: Material) {
    this.#material = material
    this.#granted = createSide(material.width)
    this.#timed = new Int32Array(material.width)
    this.#untimed = new Int32Array(material.width)
  }

  add(policy: number, { grant, frequency }: Prepared): void {
    this.#granted.add(policy, grant.formula)
    enterBit(this.#timed, 0, policy, frequency !== undefined)
  }

  of(signIn: SignIn) {
    const { atoms, rowOf } = this.#granted
    const { places } = this.#material
    const answers = atoms.map((atom) => isTrue(atom, signIn, places))
    const could = atoms.map((atom, place) => answers[place] === true || isInteractive(atom))
    const isLegacy = holds(legacy, (atom: Atom) => isTrue(atom, signIn, places))
    return {
      unmet: rowOf((place) => answers[place] === true).map((bits) => ~bits),
      hard: rowOf((place) => could[place] === true).map((bits) => ~bits),
      // A password that is sent with every request is always fresh.
      timed: isLegacy ? this.#untimed : this.#timed,
    }
  }
}
