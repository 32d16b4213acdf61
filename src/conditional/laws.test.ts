import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { anyPolicies, anyPolicy, places } from '../../test/worlds/odd-policies.ts'
import { assertAgree } from '../../test/worlds/four-uses.ts'
import { createSignIns } from '../../test/worlds/sign-ins.ts'
import { createEvaluator, type Evaluator } from './conditional.ts'
import type { ConditionalAccessPolicy } from './policy.ts'
import type { SignIn } from './sign-in.ts'

// This also holds src/conditional/compiled/compiled.ts, src/conditional/compiled/verdict.ts and what they are made of.

const now = Date.UTC(2026, 2, 1, 12)
const evaluatorOf = (set: readonly ConditionalAccessPolicy[]): Evaluator =>
  createEvaluator({ policies: set, namedLocations: places })

/** Some sign-ins that these policies speak of. */
function signInsFor(evaluator: Evaluator, seed: number, count: number): readonly SignIn[] {
  const next = createSignIns(evaluator.prepared, places, now, seed)
  return Array.from({ length: count }, next)
}

const seed = fc.integer()

it('case 40 (identity-and-access 9): decide, explain, What If and the compiled verdict agree', () => {
  fc.assert(
    fc.property(anyPolicies(36), seed, (set, from) => {
      const evaluator = evaluatorOf(set)
      for (const signIn of signInsFor(evaluator, from, 40)) assertAgree(evaluator, signIn, now)
    }),
    { numRuns: 50 },
  )
})

it('the same identity and device elsewhere are judged by where they are', () => {
  fc.assert(
    fc.property(anyPolicies(10), seed, (set, from) => {
      const evaluator = evaluatorOf(set)
      const signIns = signInsFor(evaluator, from, 10)
      for (const one of signIns)
        for (const other of signIns)
          assertAgree(evaluator, { ...other, identity: one.identity, device: one.device }, now)
    }),
    { numRuns: 20 },
  )
})

const rank = { grant: 0, interrupt: 1, block: 2 }

it('a policy more never opens', () => {
  fc.assert(
    fc.property(anyPolicies(8), anyPolicy, seed, (set, more, from) => {
      const before = evaluatorOf(set)
      const after = evaluatorOf([...set, more])
      for (const signIn of signInsFor(after, from, 20))
        assert.ok(
          rank[after.decide(signIn, now).outcome] >= rank[before.decide(signIn, now).outcome],
        )
    }),
  )
})

it('a policy that only reports changes no outcome', () => {
  fc.assert(
    fc.property(anyPolicies(8), anyPolicy, seed, (set, more, from) => {
      const before = evaluatorOf(set)
      const after = evaluatorOf([...set, { ...more, state: 'enabledForReportingButNotEnforced' }])
      for (const signIn of signInsFor(after, from, 20)) {
        const { policies: results, ...decision } = after.decide(signIn, now)
        const { policies: fewer, ...expected } = before.decide(signIn, now)
        assert.deepEqual(decision, expected)
        assert.deepEqual(results.slice(0, -1), fewer)
        assert.deepEqual(after.compiled.verdict(signIn, now), before.compiled.verdict(signIn, now))
      }
    }),
  )
})

it('the order of policies changes no outcome', () => {
  fc.assert(
    fc.property(anyPolicies(8), seed, (set, from) => {
      const one = evaluatorOf(set)
      const other = evaluatorOf(set.toReversed())
      for (const signIn of signInsFor(one, from, 20))
        assert.equal(other.decide(signIn, now).outcome, one.decide(signIn, now).outcome)
    }),
  )
})

it('nothing changes before recheckAt', () => {
  fc.assert(
    fc.property(
      anyPolicies(8),
      seed,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (set, from, part) => {
        const evaluator = evaluatorOf(set)
        for (const signIn of signInsFor(evaluator, from, 20)) {
          const { outcome, recheckAt } = evaluator.decide(signIn, now)
          const until = recheckAt ?? now + 1e12
          const later = now + Math.floor((until - now) * part * 0.999_999)
          assert.equal(evaluator.decide(signIn, later).outcome, outcome)
          assert.equal(evaluator.compiled.verdict(signIn, later).outcome, outcome)
        }
      },
    ),
  )
})
