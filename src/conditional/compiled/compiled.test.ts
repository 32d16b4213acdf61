import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { assertAgree } from '../../../test/worlds/four-uses.ts'
import { anyPolicies, places } from '../../../test/worlds/odd-policies.ts'
import { createSignIns } from '../../../test/worlds/sign-ins.ts'
import { and, atom, or } from '../../logic/formula.ts'
import { asFailure } from '../../base/failures.ts'
import type { Atom } from '../atom.ts'
import type { Condition } from '../conditions/condition.ts'
import { conditions } from '../conditions/table.ts'
import { createEvaluator } from '../conditional.ts'
import { preparePolicy } from '../evaluate.ts'
import { readRegular } from './regular.ts'

// This also holds src/conditional/compiled/devices.ts, src/conditional/compiled/identities.ts, src/conditional/compiled/proofs.ts,
// src/conditional/compiled/sessions.ts, src/conditional/compiled/spots.ts and src/conditional/compiled/tables.ts.

const now = Date.UTC(2026, 2, 1, 12)

/** A condition over two sides of the sign-in at once, as none is today: an iPhone abroad, or a known one. */
const entangled: Condition = {
  name: 'entangled',
  reason: 'notEnoughInformation',
  formula: ({ displayName }) =>
    /^[0-7]/.test(displayName)
      ? or(
          and(
            atom<Atom>({ kind: 'platform', platform: 'iOS' }),
            atom<Atom>({ kind: 'location', id: 'abroad' }),
          ),
          atom<Atom>({ kind: 'compliant' }),
        )
      : or(atom<Atom>({ kind: 'person' })),
  measured: () => '',
}

it('policies whose conditions are entangled are asked beside the compiled ones, in the order of all', () => {
  let beside = 0
  fc.assert(
    fc.property(anyPolicies(12), fc.integer(), (policies, seed) => {
      const table = [...conditions, entangled]
      const evaluator = createEvaluator({ policies, namedLocations: places }, (one, known) =>
        preparePolicy(one, known, table),
      )
      beside += policies.length - readRegular(evaluator.prepared).length
      const next = createSignIns(evaluator.prepared, places, now, seed)
      for (let count = 0; count < 20; count++) assertAgree(evaluator, next(), now)
    }),
    { numRuns: 30 },
  )
  assert.ok(beside > 0)
})

it('a fault in any condition is told with its name, before anything is decided', () => {
  const [policy] =
    fc.sample(
      anyPolicies(1).filter(({ length }) => length === 1),
      1,
    )[0] ?? []
  assert.ok(policy)
  for (const planted of conditions) {
    const fault = () => {
      throw new Error('planted')
    }
    const table = conditions.map((one) => (one === planted ? { ...one, formula: fault } : one))
    assert.throws(
      () =>
        createEvaluator({ policies: [policy] }, (one, known) => preparePolicy(one, known, table)),
      (thrown) => asFailure(thrown).detail.startsWith(`condition ${planted.name} of policy`),
    )
  }
})
