import assert from 'node:assert/strict'
import { it } from 'node:test'
import { limits } from '../../base/limits.ts'
import { Kept } from './kept.ts'

it('begins anew where more is kept than a node may hold, and says so before the next is made', () => {
  let forgotten = 0
  const kept = new Kept<string, number>(() => {
    forgotten += 1
  })
  kept.put('a', 10, () => 1)
  kept.put('b', limits.verdictWords.value / 2, () => 2)
  assert.deepEqual([kept.get('a'), kept.get('b'), forgotten], [1, 2, 0])
  kept.put('c', limits.verdictWords.value / 2, () => forgotten)
  assert.deepEqual([kept.get('a'), kept.get('b'), kept.get('c')], [undefined, undefined, 1])
  kept.grow(limits.verdictWords.value / 2)
  assert.deepEqual([kept.get('c'), forgotten], [undefined, 2])
})
