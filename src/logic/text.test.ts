import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { findText, type TextTest } from './text.ts'

const test: fc.Arbitrary<TextTest> = fc.record({
  op: fc.constantFrom('is', 'startsWith', 'endsWith', 'contains'),
  value: fc.string({ unit: fc.constantFrom('a', 'B', 'c'), maxLength: 3 }),
  holds: fc.boolean(),
})

function passes(text: string, { op, value, holds }: TextTest): boolean {
  const own = text.toLowerCase()
  const other = value.toLowerCase()
  const tests = {
    is: own === other,
    startsWith: own.startsWith(other),
    endsWith: own.endsWith(other),
    contains: own.includes(other),
  }
  return tests[op] === holds
}

/** Every text of up to 6 of the letters, and one more. */
const texts = [''].concat(...Array.from({ length: 6 }, (_, n) => ofLength(n + 1)))

function ofLength(length: number): string[] {
  return length === 0
    ? ['']
    : ofLength(length - 1).flatMap((text) => [...'abcx'].map((one) => text + one))
}

describe('finding a text', () => {
  it('answers every test as wanted, and finds one wherever a short one exists', () => {
    fc.assert(
      fc.property(fc.array(test, { maxLength: 5 }), (tests) => {
        const found = findText(tests)
        assert.notEqual(found, 'gaveUp')
        if (typeof found === 'object') assert.ok(tests.every((one) => passes(found.text, one)))
        else assert.ok(!texts.some((text) => tests.every((one) => passes(text, one))))
      }),
    )
  })

  it('weaves a model name out of what a filter asks', () => {
    assert.deepEqual(
      findText([
        { op: 'startsWith', value: 'Surface', holds: true },
        { op: 'endsWith', value: 'Pro', holds: true },
        { op: 'contains', value: 'cep', holds: false },
      ]),
      { text: 'surfacespro' },
    )
  })

  it('gives up where texts to begin are too many', () => {
    const tests = Array.from(
      { length: 40 },
      (_, n): TextTest => ({
        op: 'contains',
        value: `${n}-${n * 7}-${n * 31}`,
        holds: true,
      }),
    )
    assert.equal(findText(tests), 'gaveUp')
  })
})
