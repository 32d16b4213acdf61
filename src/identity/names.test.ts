import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readSignInName } from './names.ts'

const cases: [text: string, names: string[]][] = [
  ['anna', ['anna']],
  ['Anna', ['anna']],
  ['CORP\\Anna', ['anna']],
  ['\\anna', ['anna']],
  ['anna@example.org', ['anna@example.org', 'anna']],
  ['Anna@EXAMPLE.org', ['anna@example.org', 'anna']],
  ['CORP\\anna@example.org', ['anna@example.org', 'anna']],
  ['anna@elsewhere.example', ['anna@elsewhere.example']],
  ['a@b@example.org', ['a@b@example.org', 'a@b']],
  [' anna ', ['anna']],
  ['', []],
  ['CORP\\', []],
  ['A\\B\\anna', []],
  ['anna\n', ['anna']],
  ['an\nna', []],
  ['@example.org', ['@example.org']],
  ['x'.repeat(1000), []],
]

for (const [text, names] of cases) {
  test(`the user field ${JSON.stringify(text.slice(0, 30))} means ${names.join(' or ') || 'nobody'}`, () => {
    assert.deepEqual(readSignInName(text, ['example.org']), names)
  })
}

test('any text gives names without control characters, and reading a name again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      for (const name of readSignInName(text, ['example.org'])) {
        assert.doesNotMatch(name, /[\\\p{Cc}]/u)
        assert.equal(readSignInName(name, [])[0], name)
      }
    }),
  )
})
