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
import { createLook } from './look.ts'
import { readRegular } from './regular.ts'
import { createVerdict, joinVerdicts, type Verdict, verdictOf } from './verdict.ts'

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
  const look = createLook({ policies, places })
  const verdict = createVerdict(policies, look)
  return {
    verdict(signIn, now) {
      const own = verdict(signIn, now)
      return inForce.length === 0
        ? own
        : joinVerdicts(own, verdictOf(decide(inForce, signIn, places, now)))
    },
    decide(signIn, now) {
      const isMet = (atom: Atom) => isTrue(atom, signIn, places)
      const judged: [Prepared, Judged][] = []
      const { words, applying, demands } = look(signIn)
      for (const word of words) {
        let bits = applying[word] ?? 0
        while (bits !== 0) {
          const bit = 31 - Math.clz32(bits & -bits)
          bits &= bits - 1
          const number = word * 32 + bit
          const one = policies[number]?.prepared
          if (!one) continue
          const known = demands.judged[number]
          const said = known ?? judgeDemands(one, signIn, isMet, now)
          // Time has a part in what policies with a sign-in frequency say.
          if (!known && one.frequency === undefined) demands.judged[number] = said
          judged.push([one, said])
        }
      }
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
