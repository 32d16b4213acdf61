import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { anyPolicies } from '../../../test/worlds/odd-policies.ts'
import { limits } from '../../base/limits.ts'
import { createEvaluator } from '../conditional.ts'
import { Kinds } from './kinds.ts'
import { createSide } from './side.ts'

// This also holds src/conditional/compiled/rows.ts.

it('a row made from one that is near it is the row made anew', () => {
  const seeds = fc.array(fc.nat(), { maxLength: 6 })
  fc.assert(
    fc.property(anyPolicies(40), seeds, seeds, (policies, some, others) => {
      const { prepared } = createEvaluator({ policies })
      const side = createSide(2)
      for (const [policy, { applies }] of prepared.entries()) side.add(policy, applies)
      const placesOf = (numbers: readonly number[]) =>
        new Set(side.atoms.length > 0 ? numbers.map((one) => one % side.atoms.length) : [])
      const [truths, turned] = [placesOf(some), placesOf(others)]
      const near = side.base((place) => truths.has(place))
      const expected = side.rowOf((place) => truths.has(place) !== turned.has(place))
      assert.deepEqual(near.but([...turned]), expected)
      assert.deepEqual(
        near.but([]),
        side.rowOf((place) => truths.has(place)),
      )
    }),
  )
})

it('kinds share rows by their name, and all begins anew where they have grown too large', () => {
  let forgotten = 0
  const width = limits.verdictWords.value / 4
  const kinds = new Kinds(width, () => {
    forgotten += 1
  })
  const numberOf = (name: string, bit: number) =>
    kinds.numberOf(name, 1, () => [new Int32Array(width).fill(bit)])
  assert.deepEqual([numberOf('a', 1), numberOf('b', 2), numberOf('a', 3)], [0, 1, 0])
  assert.deepEqual([kinds.rows.words[0], kinds.rows.words[width]], [1, 2])
  assert.deepEqual([numberOf('c', 4), forgotten], [2, 0])
  assert.deepEqual([numberOf('d', 5), forgotten], [0, 1])
  assert.deepEqual([numberOf('a', 6), kinds.rows.words[width]], [1, 6])
})
