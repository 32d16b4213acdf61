import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../base/failures.ts'
import { collection } from './collection.ts'

const rows = [
  { id: '1', name: 'phone 10', user: 'bob', enforced: true, issues: [{ title: 'anna' }] },
  { id: '2', name: 'Phone 9', user: 'Anna', enforced: false, issues: [] },
  { id: '3', name: 'tablet', user: 'anna', enforced: false, issues: [] },
]
const ids = (query: object) => collection(rows, query).value.map(({ id }) => id)

test('a page, with the count of all that match', () => {
  assert.deepEqual(ids({}), ['1', '2', '3'])
  assert.deepEqual(ids({ $top: '1', $skip: '1' }), ['2'])
  const page = collection(rows, { $search: '"ANNA"', $top: '1' })
  assert.deepEqual([page['@odata.count'], page.value.length], [2, 1])
  assert.deepEqual(collection([], { $filter: "name eq 'x'", $orderby: 'name' }).value, [])
})

test('sorted as people count, without regard to case, and both ways in one order', () => {
  assert.deepEqual(ids({ $orderby: 'name' }), ['2', '1', '3'])
  assert.deepEqual(ids({ $orderby: 'name desc' }), ['3', '1', '2'])
  assert.deepEqual(ids({ $orderby: 'user' }), ['2', '3', '1'])
  assert.deepEqual(ids({ $orderby: 'issues' }), ['1', '2', '3'])
})

test('filter, search, order and page together', () => {
  const query = { $filter: 'enforced eq false', $search: 'anna', $orderby: 'name desc', $top: 1 }
  assert.deepEqual(ids(query), ['3'])
})

test('what cannot be had is refused, not passed over', () => {
  for (const query of [
    { $orderby: 'nothing' },
    { $orderby: '__proto__' },
    { $filter: 'nothing eq 1' },
    { $filter: '('.repeat(3000) },
    { $top: '0' },
    { $top: '100000' },
    { $skip: '-1' },
    { $orderby: 'name; drop' },
  ])
    assert.throws(() => collection(rows, query), JSON.stringify(query))
  assert.throws(
    () => collection(rows, { $orderby: 'nothing' }),
    (thrown) => thrown instanceof Failure && thrown.code === 'request.malformed',
  )
})

test('pages neither repeat nor lose a row', () => {
  const many = fc.array(fc.record({ id: fc.uuid(), name: fc.constantFrom('a', 'B', 'b', 'c') }), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(many, fc.integer({ min: 1, max: 7 }), (all, $top) => {
      const seen: string[] = []
      for (let $skip = 0; $skip < all.length; $skip += $top)
        seen.push(...collection(all, { $top, $skip, $orderby: 'name desc' }).value.map((r) => r.id))
      assert.deepEqual(seen.toSorted(), all.map((r) => r.id).toSorted())
    }),
  )
})
