import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { always, and, atom, atomsOf, type Formula, holds, never, not, or } from './formula.ts'

const { formula } = fc.letrec<{ formula: Formula<number> }>((tie) => ({
  formula: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.nat(5).map((n) => atom(n)),
    fc.constantFrom<Formula<number>>(always, never),
    tie('formula').map((of) => not(of)),
    fc.array(tie('formula'), { maxLength: 4 }).map((parts) => and(...parts)),
    fc.array(tie('formula'), { maxLength: 4 }).map((parts) => or(...parts)),
  ),
}))

/** The truth of each atom. */
const world = fc.array(fc.boolean(), { minLength: 6, maxLength: 6 })

describe('laws of formulas', () => {
  it('De Morgan, double negation and the empty cases hold', () => {
    fc.assert(
      fc.property(fc.array(formula, { maxLength: 4 }), world, (parts, truths) => {
        const is = (one: Formula<number>) => holds(one, (n) => truths[n] === true)
        assert.equal(is(and(...parts)), parts.every(is))
        assert.equal(is(or(...parts)), parts.some(is))
        assert.equal(is(not(and(...parts))), is(or(...parts.map((part) => not(part)))))
        for (const part of parts) assert.equal(is(not(part)), !is(part))
      }),
    )
  })

  it('what it says depends on its own atoms only', () => {
    fc.assert(
      fc.property(formula, world, world, (one, truths, others) => {
        const own = new Set(atomsOf(one))
        const mixed = truths.map((truth, n) => (own.has(n) ? truth : others[n]))
        assert.equal(
          holds(one, (n) => truths[n] === true),
          holds(one, (n) => mixed[n] === true),
        )
      }),
    )
  })
})
