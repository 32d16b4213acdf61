import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../base/failures.ts'
import { collection, single } from './collection.ts'

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
  assert.throws(() => collection([], { $filter: 'name is nice' }), /no comparison/)
  const shape = { properties: ['name'] }
  assert.throws(() => collection([], { $filter: "user eq 'x'" }, shape), /no property user/)
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
    { $select: 'nothing' },
    { $expand: 'issues' },
    { $skiptoken: 'abc' },
    { $apply: 'aggregate' },
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

test('what is selected, with its id; what is expanded, and nothing of it otherwise', () => {
  const shape = { expandable: ['issues'] }
  assert.deepEqual(collection(rows, { $select: 'name', $top: 1 }).value, [
    { id: '1', name: 'phone 10' },
  ])
  assert.deepEqual(Object.keys(collection(rows, {}, shape).value[0] ?? {}), [
    'id',
    'name',
    'user',
    'enforced',
  ])
  const [first] = collection(rows, { $expand: 'issues($expand=title)' }, shape).value
  assert.deepEqual(first?.issues, [{ title: 'anna' }])
  assert.deepEqual(single(rows[1] ?? {}, { $select: 'user' }, shape), { id: '2', user: 'Anna' })
})

test('the next link leads on behind the last row, though rows came before it meanwhile', () => {
  const url = 'https://mail.example.org/v1.0/things?$top=2'
  const follow = (all: typeof rows, from: string) => {
    const query = Object.fromEntries(new URL(from).searchParams)
    return collection(all, query, { url: from })
  }
  const first = follow(rows, url)
  assert.deepEqual(
    first.value.map(({ id }) => id),
    ['1', '2'],
  )
  const next = first['@odata.nextLink'] ?? ''
  assert.match(next, /^https:\/\/mail\.example\.org\/v1\.0\/things\?%24top=2&%24skiptoken=/)
  const newcomer = { ...rows[0], id: '0', name: 'new' } as (typeof rows)[number]
  const second = follow([newcomer, ...rows], next)
  assert.deepEqual(
    second.value.map(({ id }) => id),
    ['3'],
  )
  assert.equal(second['@odata.nextLink'], undefined)
  // The last row is gone: on from its place.
  const others = rows.filter(({ id }) => id !== '2')
  assert.deepEqual(
    follow([newcomer, ...others], next).value.map(({ id }) => id),
    ['3'],
  )
})
