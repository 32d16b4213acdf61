import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { assertAgree } from '../../test/worlds/four-uses.ts'
import { anyPolicies, anyPolicy, places } from '../../test/worlds/odd-policies.ts'
import { createSignIns } from '../../test/worlds/sign-ins.ts'
import { createEvaluator, type Evaluator } from './conditional.ts'
import { preparePolicy } from './evaluate.ts'
import type { ConditionalAccessPolicy } from './policy.ts'
import { readPolicy } from './read-policy.ts'
import type { SignIn } from './sign-in.ts'

// This also holds src/conditional/compiled/crowd.ts.

const now = Date.UTC(2026, 2, 1, 12)

type Policies = readonly ConditionalAccessPolicy[]
type Edit = (policies: Policies) => Policies

/** One policy added, taken away, replaced, turned off or moved to the end; or many at once. */
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(anyPolicy, fc.nat()).map(
    ([one, at]): Edit =>
      (all) =>
        all.toSpliced(at % (all.length + 1), 0, one),
  ),
  fc.nat().map(
    (at): Edit =>
      (all) =>
        all.toSpliced(at % (all.length + 1), 1),
  ),
  fc.tuple(anyPolicy, fc.nat()).map(
    ([one, at]): Edit =>
      (all) =>
        all.toSpliced(at % (all.length + 1), 1, one),
  ),
  fc.nat().map(
    (at): Edit =>
      (all) =>
        all.map((one, place) => (place === at % all.length ? { ...one, state: 'disabled' } : one)),
  ),
  fc.nat().map(
    (at): Edit =>
      (all) => [
        ...all.toSpliced(at % (all.length + 1), 1),
        ...all.slice(at % (all.length + 1)).slice(0, 1),
      ],
  ),
  anyPolicies(30).map(
    (more): Edit =>
      (all) => [...all.slice(0, 4), ...more],
  ),
)

/** Nobody who reads a set anew gets the same objects. */
const readAgain = (policies: Policies): Policies => structuredClone(policies)

function signInsFor(evaluator: Evaluator, seed: number, count: number): readonly SignIn[] {
  const next = createSignIns(evaluator.prepared, places, now, seed)
  return Array.from({ length: count }, next)
}

it('after any edits a set is compiled as if it had always been so, for those who were met and for all others', () => {
  fc.assert(
    fc.property(
      anyPolicies(12),
      fc.array(edit, { minLength: 1, maxLength: 8 }),
      fc.integer(),
      (first, edits, seed) => {
        let set = first
        let evaluator = createEvaluator({ policies: set, namedLocations: places })
        const met: SignIn[] = [...signInsFor(evaluator, seed, 8)]
        for (const [n, change] of edits.entries()) {
          set = readAgain(change(set))
          const before = evaluator
          evaluator = createEvaluator(
            { policies: set, namedLocations: places },
            undefined,
            before.lineage,
          )
          met.push(...signInsFor(evaluator, seed + n, 4))
          const whole = createEvaluator({ policies: set, namedLocations: places })
          for (const [turn, signIn] of met.entries()) {
            // Some are met between edits, others only later; and the set of before goes on being asked.
            if (turn % 3 === n % 3) continue
            assertAgree(evaluator, signIn, now)
            assertAgree(before, signIn, now)
            assert.deepEqual(
              evaluator.compiled.decide(signIn, now),
              whole.compiled.decide(signIn, now),
            )
          }
        }
      },
    ),
    { numRuns: 60 },
  )
})

it('two sets that were both edited from a third do not get into one another', () => {
  fc.assert(
    fc.property(anyPolicies(8), edit, edit, fc.integer(), (set, one, other, seed) => {
      const root = createEvaluator({ policies: set, namedLocations: places })
      const [a, b] = [one, other].map((change) =>
        createEvaluator({ policies: change(set), namedLocations: places }, undefined, root.lineage),
      )
      assert.ok(a && b)
      for (const signIn of [...signInsFor(a, seed, 6), ...signInsFor(b, seed, 6)])
        for (const evaluator of [a, root, b, a]) assertAgree(evaluator, signIn, now)
    }),
    { numRuns: 40 },
  )
})

it('only what an edit changes is prepared, unless what policies refer to changed', () => {
  const set = fc.sample(anyPolicies(12), { seed: 7, numRuns: 20 }).flat()
  let made = 0
  const counting: typeof preparePolicy = (...given) => {
    made += 1
    return preparePolicy(...given)
  }
  const first = createEvaluator({ policies: set, namedLocations: places }, counting)
  assert.equal(made, set.length)
  const [policy] = set
  assert.ok(policy)
  const edited = readAgain([{ ...policy, displayName: 'edited' }, ...set.slice(1)])
  const again = { policies: edited, namedLocations: structuredClone(places) }
  const second = createEvaluator(again, counting, first.lineage)
  assert.equal(made, set.length + 1)
  createEvaluator({ policies: edited, namedLocations: places.slice(1) }, counting, second.lineage)
  assert.equal(made, 2 * set.length + 1)
})

/** For members of one group who are in none of others, on devices of one model. */
const narrow = fc
  .record({
    group: fc.constantFrom('All', 'a', 'b', 'c'),
    without: fc.subarray(['a', 'b', 'c']),
    model: fc.constantFrom(undefined, 'x', 'y', 'z'),
    mode: fc.constantFrom('include', 'exclude'),
  })
  .map(({ group, without, model, mode }) => {
    const { policy } = readPolicy({
      displayName: `${group} ${without.join('')} ${model} ${mode}`,
      state: 'enabled',
      conditions: {
        users: {
          ...(group === 'All' ? { includeUsers: ['All'] } : { includeGroups: [group] }),
          excludeGroups: without,
        },
        applications: { includeApplications: ['All'] },
        ...(model && {
          devices: { deviceFilter: { mode, rule: `device.model -eq "${model}"` } },
        }),
      },
      grantControls: { operator: 'OR', builtInControls: ['mfa'] },
    })
    return policy
  })

/** One sign-in by members of each set of groups, on each model. */
const everyone = ['', 'a', 'b', 'c', 'ab', 'ac', 'bc', 'abc'].flatMap((groups, user) =>
  ['x', 'y', 'z', undefined].map(
    (model, at): SignIn => ({
      identity: {
        number: user * 4 + at,
        kind: 'user',
        id: `user ${groups}`,
        groups: new Set(groups),
        roles: new Set(),
      },
      target: { kind: 'application', ids: ['mail'] },
      client: 'browser',
      device: { number: user * 4 + at, attributes: { model } },
      satisfied: new Set(),
      methods: new Set(),
    }),
  ),
)

it('those who were alike to all policies are told apart by a later one, whoever of them comes first', () => {
  const round = fc.record({ policy: narrow, met: fc.shuffledSubarray(everyone, { minLength: 6 }) })
  fc.assert(
    fc.property(fc.array(round, { minLength: 2, maxLength: 8 }), (rounds) => {
      let evaluator: Evaluator | undefined
      const policies: ConditionalAccessPolicy[] = []
      for (const { policy, met } of rounds) {
        policies.push(policy)
        evaluator = createEvaluator({ policies: [...policies] }, undefined, evaluator?.lineage)
        for (const signIn of met) assertAgree(evaluator, signIn, now)
      }
    }),
    { numRuns: 50 },
  )
})
