import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { changesBetween, differenceOf } from './difference.ts'

describe('differenceOf', () => {
  it('tells each property by its path, with what was and what is', () => {
    const before = { state: 'enabled', users: { include: ['a', 'b'], exclude: null }, 'x@y': 1 }
    const after = { state: 'disabled', users: { include: ['c', 'b'], exclude: ['d'] } }
    assert.deepEqual(differenceOf(before, after), [
      { path: '$.state', before: 'enabled', after: 'disabled' },
      { path: '$.users.exclude', after: ['d'] },
      { path: '$.users.include[*]', before: ['a'], after: ['c'] },
      { path: "$['x@y']", before: 1 },
    ])
  })

  it('compares items that have a name one by one', () => {
    const [one, two] = [
      { id: 'a', x: 1 },
      { id: "b'", x: 2 },
    ]
    assert.deepEqual(differenceOf({ list: [one, two] }, { list: [{ ...two, x: 3 }, one] }), [
      { path: "$.list[?@.id=='b\\''].x", before: 2, after: 3 },
    ])
    assert.deepEqual(differenceOf({ list: [one] }, { list: [] }), [
      { path: "$.list[?@.id=='a']", before: one },
    ])
  })

  it('says nothing of another order, of null in the place of nothing, or of the order of names', () => {
    assert.deepEqual(
      differenceOf(
        { a: ['x', 'y', 'x'], b: null, c: { d: 1, e: 2 } },
        { c: { e: 2, d: 1 }, a: ['x', 'x', 'y'] },
      ),
      [],
    )
    assert.deepEqual(differenceOf({ a: ['x', 'x'] }, { a: ['x'] }), [
      { path: '$.a[*]', before: ['x'] },
    ])
  })

  it('takes names for names that every object inherits', () => {
    const odd: unknown = JSON.parse('{"__proto__":{"x":1},"constructor":"c","toJSON":2}')
    const told = differenceOf({}, odd).map(({ path, after }) => [path, after])
    assert.deepEqual(told, [
      ['$.__proto__', { x: 1 }],
      ['$.constructor', 'c'],
      ['$.toJSON', 2],
    ])
    assert.deepEqual(differenceOf(odd, {}).length, 3)
    assert.deepEqual(differenceOf(odd, JSON.parse(JSON.stringify(odd))), [])
  })

  it('law: nothing differs from itself, and both ways differ at the same places', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        assert.deepEqual(differenceOf({ a }, { a }), [])
        const [there, back] = [differenceOf({ a }, { a: b }), differenceOf({ a: b }, { a })]
        assert.deepEqual(there.map(({ path }) => path).sort(), back.map(({ path }) => path).sort())
        for (const { path } of there) assert.ok(path.startsWith('$.a'))
      }),
    )
  })
})

describe('changesBetween', () => {
  it('tells what was made, changed and deleted, told by the id and not by the name', () => {
    const thing = (id: string, name: string, x: number) => ({ id, name, value: { name, x } })
    const changes = changesBetween(
      'collection',
      [thing('1', 'One', 1), thing('2', 'Two', 2), thing('3', 'Three', 3)],
      [thing('1', 'One', 1), thing('3', 'Drei', 3), thing('4', 'Four', 4)],
      (one) => one,
    )
    assert.deepEqual(
      changes.map(({ id, name, change, difference }) => [id, name, change, difference]),
      [
        ['3', 'Drei', 'changed', [{ path: '$.name', before: 'Three', after: 'Drei' }]],
        [
          '4',
          'Four',
          'created',
          [
            { path: '$.name', after: 'Four' },
            { path: '$.x', after: 4 },
          ],
        ],
        [
          '2',
          'Two',
          'deleted',
          [
            { path: '$.name', before: 'Two' },
            { path: '$.x', before: 2 },
          ],
        ],
      ],
    )
  })
})
