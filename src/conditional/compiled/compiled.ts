import type { Instant } from '../../base/clock.ts'
import { holds } from '../../logic/formula.ts'
import { type Atom, isTrue } from '../atom.ts'
import {
  conclude,
  type Decision,
  decide,
  type Judged,
  judgeDemands,
  type Prepared,
} from '../evaluate.ts'
import type { Places } from '../places.ts'
import type { SignIn } from '../sign-in.ts'
import { readRegular } from './regular.ts'
import { enterBit, type Row } from './side.ts'
import { applyingAt, createTables, numbersOfStanding, type Tables } from './tables.ts'
import { createJudge, joinVerdicts, type Verdict, verdictOf } from './verdict.ts'

/**
 * A set of policies as tables, filled from the policies' own formulas on the first question of a kind. Identities and devices
 * are known again by being the same object, so whoever keeps those asks in well under a microsecond.
 */
export interface Compiled {
  /** What `decide` comes to. */
  verdict(signIn: SignIn, now: Instant): Verdict
  /** As `decide`, with the policies that apply alone. */
  decide(signIn: SignIn, now: Instant): Decision
}

/** What sets of policies, each edited from another, have in common: their tables, once there are any. */
export interface Grown {
  readonly places: Places
  tables: Tables | undefined
}

/** Compiles policies; those whose conditions are entangled are asked as they stand. Those that are in the tables stay there. */
export function compilePolicies(prepared: readonly Prepared[], grown: Grown): Compiled {
  const { places } = grown
  const asked = once(prepared).filter(({ policy }) => policy.state !== 'disabled')
  const tables = tablesFor(asked, grown)
  const numbers = asked.map((one) => tables.numberOf(one))
  const entangled = [...asked.entries()].filter(([place]) => numbers[place] === undefined)
  const beside = entangled.map(([, one]) => one).filter(isEnforced)
  const placeOf = new Map<number, number>()
  const rowOf = (counts: (one: Prepared) => boolean): Row => {
    const row = new Int32Array(tables.width)
    for (const [place, one] of asked.entries()) {
      const number = numbers[place]
      if (number !== undefined && counts(one)) enterBit(row, 0, number, true)
    }
    return row
  }
  for (const [place, number] of numbers.entries())
    if (number !== undefined) placeOf.set(number, place)
  const judge = createJudge(tables, rowOf(isEnforced))
  const all = rowOf(() => true)
  const standing = new Int32Array(numbersOfStanding)
  return {
    verdict(signIn, now) {
      tables.find(signIn, standing, 0)
      const own = judge(standing, 0, signIn.authenticatedAt, now)
      return beside.length === 0
        ? own
        : joinVerdicts(own, verdictOf(decide(beside, signIn, places, now)))
    },
    decide(signIn, now) {
      const isMet = (atom: Atom) => isTrue(atom, signIn, places)
      tables.find(signIn, standing, 0)
      const known = tables.sessions.judgedOf(standing[4] ?? 0)
      const judged = applyingAt(standing, tables, all).flatMap((number): [number, Judged][] => {
        const one = tables.policies[number]?.prepared
        const place = placeOf.get(number)
        if (!one || place === undefined) return []
        const said = known[number] ?? judgeDemands(one, signIn, isMet, now)
        // Time has a part in what policies with a sign-in frequency say.
        if (one.frequency === undefined) known[number] = said
        return [[place, said]]
      })
      for (const [place, one] of entangled)
        if (holds(one.applies, isMet)) judged.push([place, judgeDemands(one, signIn, isMet, now)])
      // In the order of the policies.
      judged.sort(([a], [b]) => a - b)
      return conclude(
        judged.map(([, said]) => said),
        now,
      )
    },
  }
}

const isEnforced = ({ policy }: Prepared): boolean => policy.state === 'enabled'

/** Where one comes twice, as two. */
function once(prepared: readonly Prepared[]): readonly Prepared[] {
  const met = new Set<Prepared>()
  return prepared.map((one) => {
    if (met.has(one)) return { ...one }
    met.add(one)
    return one
  })
}

/** The tables that there are, with what is new added; others where they have no room. */
function tablesFor(asked: readonly Prepared[], grown: Grown): Tables {
  const known = grown.tables
  if (known?.add(readRegular(asked.filter((one) => known.numberOf(one) === undefined))))
    return known
  return (grown.tables = createTables(readRegular(asked), grown.places))
}
