import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { smallestHit } from './hitting.ts'

const set = fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 })

/** How few members can hit all sets, by trying every choice. */
function fewest(sets: readonly (readonly number[])[]): number {
  const sizes = Array.from({ length: 2 ** 8 }, (_, choice) =>
    [1, 2, 3, 4, 5, 6, 7, 8].filter((one) => (choice >> (one - 1)) & 1),
  )
    .filter((choice) => sets.every((one) => one.some((member) => choice.includes(member))))
    .map(({ length }) => length)
  return Math.min(...sizes)
}

describe('a smallest set that hits others', () => {
  it('has a member in each, and is no larger than need be, whenever more come', () => {
    fc.assert(
      fc.property(
        fc.array(set, { maxLength: 6 }),
        fc.array(set, { maxLength: 6 }),
        (given, more) => {
          const hitting = smallestHit(given)
          const sets = [...given]
          for (const next of [undefined, ...more]) {
            if (next) {
              hitting.add(next)
              sets.push(next)
            }
            const chosen = hitting.chosen() ?? assert.fail('too much to try')
            for (const one of sets) assert.ok(one.some((member) => chosen.has(member)))
            assert.equal(chosen.size, fewest(sets))
          }
        },
      ),
    )
  })

  it('does not exist where one of them is empty, and is given up where there is too much to try', () => {
    assert.equal(smallestHit([[1], []]).chosen(), undefined)
    // A cover of the lines of a plane: each two of its 57 have one point in common, so that none stand apart.
    const order = 7
    const numbers = Array.from({ length: order }, (_, n) => n)
    const point = (x: number, y: number) => x * order + y + 1
    const steep = (slope: number) => 1000 + slope
    const lines = [
      ...numbers.flatMap((slope) =>
        numbers.map((rise) => [
          steep(slope),
          ...numbers.map((x) => point(x, (slope * x + rise) % order)),
        ]),
      ),
      ...numbers.map((x) => [steep(order), ...numbers.map((y) => point(x, y))]),
    ]
    assert.equal(smallestHit(lines).chosen(), undefined)
  })
})
