import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { differences } from './difference.ts'

describe('differences of two documents', () => {
  it('are told property by property', () => {
    const before = { a: 1, b: { c: 'x', d: null }, gone: true, rules: [{ hours: [{ at: 0 }] }] }
    const after = { b: { c: 'y' }, a: 1, new: [2], rules: [{ hours: [{ at: 24 }] }] }
    assert.deepEqual(differences(before, after), [
      { path: 'b.c', before: 'x', after: 'y' },
      { path: 'gone', before: true },
      { path: 'new', after: [2] },
      { path: 'rules[0].hours[0].at', before: 0, after: 24 },
    ])
  })

  it('are none in the order of lists and of names, and between null and absent', () => {
    const before = { list: ['b', 'a'], of: [{ x: 1, y: 2 }, { x: 3 }], no: null }
    assert.deepEqual(differences(before, { of: [{ x: 3 }, { y: 2, x: 1 }], list: ['a', 'b'] }), [])
  })

  it('law: there are some one way exactly where there are some the other way, and none to itself', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const paths = (a: unknown, b: unknown) => differences(a, b).map(({ path }) => path)
        assert.deepEqual(paths(one, other), paths(other, one))
        assert.deepEqual(paths(one, one), [])
      }),
    )
  })
})
