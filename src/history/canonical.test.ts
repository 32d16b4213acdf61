import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Secret } from '../base/secret.ts'
import { canonicalJson } from './canonical.ts'

test('is the text of RFC 8785 section 3.2.2 and 3.2.3', () => {
  const value = {
    numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  }
  assert.equal(
    canonicalJson(value),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
  const names = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, ö: 7 }
  assert.deepEqual(
    [...canonicalJson(names).matchAll(/:(\d)/g)].map(([, n]) => Number(n)),
    [2, 4, 6, 7, 1, 5, 3],
  )
})

test('leaves out what JSON leaves out, and never shows a secret', () => {
  const given = { b: undefined, a: [undefined, () => 1], s: new Secret('hush'), n: Number.NaN }
  assert.equal(canonicalJson(given), '{"a":[null,null],"n":null,"s":"[secret]"}')
  assert.equal(canonicalJson({ toJSON: 1, b: 2, a: 3 }), '{"a":3,"b":2,"toJSON":1}')
})

test('law: says the same whatever the order of names, and reads back as what it was', () => {
  const turned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(turned)
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value).map(([name, inner]) => [name, turned(inner)] as const)
    return Object.fromEntries(members.reverse())
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      assert.equal(canonicalJson(turned(value)), text)
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
      assert.equal(canonicalJson(JSON.parse(text)), text)
    }),
  )
})
