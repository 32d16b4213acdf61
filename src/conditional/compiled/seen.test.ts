import assert from 'node:assert/strict'
import { it } from 'node:test'
import { limits } from '../../base/limits.ts'
import { Seen } from './seen.ts'

// This also holds src/conditional/compiled/numbers.ts.

it('whoever was met is found by the number, and by the object where it has none or one that is too high', () => {
  const seen = new Seen<{ number?: number }>()
  const all = [{ number: 70_000 }, { number: 3 }, {}, { number: limits.subjectsNumbered.value }]
  for (const [n, one] of all.entries()) {
    assert.equal(seen.find(one, 1), -1)
    seen.put(one, n, 1)
  }
  assert.deepEqual(
    all.map((one) => seen.find(one, 1)),
    [0, 1, 2, 3],
  )
  seen.clear()
  assert.deepEqual(
    all.map((one) => seen.find(one, 1)),
    [-1, -1, -1, -1],
  )
})

it('nobody is taken for another who came with the same number, nor a changed copy for the original', () => {
  const seen = new Seen<{ number: number; name: string }>()
  const alice = { number: 1, name: 'alice' }
  seen.put(alice, 5, 1)
  assert.equal(seen.find({ ...alice, name: 'mallory' }, 1), -1)
  seen.put({ ...alice, name: 'bob' }, 6, 1)
  assert.equal(seen.find(alice, 1), -1)
})
