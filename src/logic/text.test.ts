import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type TextTest, tellApart } from './text.ts'

const test: fc.Arbitrary<TextTest> = fc.record({
  op: fc.constantFrom('is', 'startsWith', 'endsWith', 'contains'),
  value: fc.string({ unit: fc.constantFrom('a', 'B', 'c'), maxLength: 3 }),
})

/** What the text answers to every test. */
function answersOf(text: string, tests: readonly TextTest[]): string {
  const own = text.toLowerCase()
  const answers = tests.map(({ op, value }) => {
    const other = value.toLowerCase()
    return {
      is: own === other,
      startsWith: own.startsWith(other),
      endsWith: own.endsWith(other),
      contains: own.includes(other),
    }[op]
  })
  return answers.join()
}

/** Every text of up to 6 of the letters, and one more. */
const texts = [''].concat(...Array.from({ length: 6 }, (_, n) => ofLength(n + 1)))

function ofLength(length: number): string[] {
  return length === 0
    ? ['']
    : ofLength(length - 1).flatMap((text) => [...'abcx'].map((one) => text + one))
}

describe('texts that tests tell apart', () => {
  it('answer as any text does, each in a way of its own', () => {
    fc.assert(
      fc.property(fc.array(test, { maxLength: 5 }), (tests) => {
        const found = tellApart(tests)
        assert.ok(found !== 'gaveUp')
        const answers = found.map((text) => answersOf(text, tests))
        assert.equal(new Set(answers).size, found.length)
        for (const text of texts) assert.ok(answers.includes(answersOf(text, tests)))
      }),
    )
  })

  it('are woven out of what a filter asks', () => {
    const found = tellApart([
      { op: 'startsWith', value: 'Surface' },
      { op: 'endsWith', value: 'Pro' },
    ])
    assert.deepEqual(found, ['', 'pro', 'surface', 'surfacepro'])
  })

  it('are given up where they are too many', () => {
    const tests = Array.from(
      { length: 40 },
      (_, n): TextTest => ({
        op: 'contains',
        value: `${n}-${n * 7}-${n * 31}`,
      }),
    )
    assert.equal(tellApart(tests), 'gaveUp')
  })
})
