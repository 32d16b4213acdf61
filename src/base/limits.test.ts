import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits, readLimit } from './limits.ts'

test('a limit is read as it is written', () => {
  assert.deepEqual(readLimit('x', '10_000 sign-ins: in all: no more'), {
    value: 10_000,
    unit: 'sign-ins',
    why: 'in all: no more',
  })
  assert.equal(readLimit('x', '2 * 86_400_000 ms: two days').value, 172_800_000)
  assert.equal(limits.authorityDays.value, 3650)
})

test('one that is written otherwise stops everything', () => {
  for (const text of ['', '5', '5 ms', '5 ms:', '5 ms: ', '-5 ms: why', 'ms: why', '5 * ms: why'])
    assert.throws(() => readLimit('wrong', text), /the limit wrong is not written/, text)
})

test('every limit is more than nothing, and in the order of its name', () => {
  const names = Object.keys(limits)
  assert.deepEqual(names, names.toSorted())
  for (const [name, { value }] of Object.entries(limits)) assert.ok(value > 0, name)
})
