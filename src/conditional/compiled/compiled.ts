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
import { applyingAt, createTables, numbersOfStanding } from './tables.ts'
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

/** Compiles policies; those whose conditions are entangled are asked as they stand. */
export function compilePolicies(prepared: readonly Prepared[], places: Places): Compiled {
  const asked = prepared.filter(({ policy }) => policy.state !== 'disabled')
  const policies = readRegular(asked)
  const regular = new Set(policies.map((one) => one.prepared))
  const entangled = asked.filter((one) => !regular.has(one))
  const inForce = entangled.filter(({ policy }) => policy.state === 'enabled')
  const tables = createTables({ policies, places })
  const judge = createJudge(policies, tables)
  const standing = new Int32Array(numbersOfStanding)
  return {
    verdict(signIn, now) {
      tables.find(signIn, standing, 0)
      const own = judge(standing, 0, signIn.authenticatedAt, now)
      return inForce.length === 0
        ? own
        : joinVerdicts(own, verdictOf(decide(inForce, signIn, places, now)))
    },
    decide(signIn, now) {
      const isMet = (atom: Atom) => isTrue(atom, signIn, places)
      tables.find(signIn, standing, 0)
      const known = tables.sessions.judgedOf(standing[4] ?? 0)
      const judged = applyingAt(standing, tables).flatMap((number): [Prepared, Judged][] => {
        const one = policies[number]?.prepared
        if (!one) return []
        const said = known[number] ?? judgeDemands(one, signIn, isMet, now)
        // Time has a part in what policies with a sign-in frequency say.
        if (one.frequency === undefined) known[number] = said
        return [[one, said]]
      })
      for (const one of entangled)
        if (holds(one.applies, isMet)) judged.push([one, judgeDemands(one, signIn, isMet, now)])
      return conclude(inOrder(judged), now)
    },
  }

  /** In the order of the policies. */
  function inOrder(judged: readonly [Prepared, Judged][]): readonly Judged[] {
    const sorted =
      entangled.length === 0
        ? judged
        : judged.toSorted(([a], [b]) => prepared.indexOf(a) - prepared.indexOf(b))
    return sorted.map(([, said]) => said)
  }
}
