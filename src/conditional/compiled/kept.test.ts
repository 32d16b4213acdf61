import assert from 'node:assert/strict'
import { it } from 'node:test'
import { limits } from '../../base/limits.ts'
import { Kept } from './kept.ts'

it('begins anew where more is kept than a node may hold, and says so', () => {
  let forgotten = 0
  const kept = new Kept<string, number>(() => {
    forgotten += 1
  })
  kept.put('a', 1, 10)
  kept.put('b', 2, limits.verdictWords.value / 2)
  assert.deepEqual([kept.get('a'), kept.get('b'), forgotten], [1, 2, 0])
  kept.put('c', 3, limits.verdictWords.value / 2)
  assert.deepEqual([kept.get('a'), kept.get('b'), kept.get('c')], [undefined, undefined, 3])
  assert.equal(forgotten, 1)
  kept.grow(limits.verdictWords.value)
  assert.deepEqual([kept.get('c'), forgotten], [undefined, 2])
})
