import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { openSecondOpinion, type SecondOpinion, smtOf } from '../../test/z3.ts'
import { type Clausify, createClausify } from './cnf.ts'
import { createClauseList } from './dimacs.ts'
import { always, and, atom, type Formula, holds, never, not, or } from './formula.ts'
import { createSolver, type Solver } from './solver.ts'

const names = 10

const { formula } = fc.letrec<{ formula: Formula<number> }>((tie) => ({
  formula: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.nat(names - 1).map((n) => atom(n)),
    fc.constantFrom<Formula<number>>(always, never),
    tie('formula').map((of) => not(of)),
    fc.array(tie('formula'), { maxLength: 5 }).map((parts) => and(...parts)),
    fc.array(tie('formula'), { maxLength: 5 }).map((parts) => or(...parts)),
  ),
}))

const worlds = Array.from(
  { length: 2 ** names },
  (_, world) => (n: number) => world % 2 ** (n + 1) >= 2 ** n,
)

function rig(): {
  solver: Solver
  clausify: Clausify<number>
  list: ReturnType<typeof createClauseList>
} {
  const solver = createSolver()
  const list = createClauseList(solver)
  const clausify = createClausify<number>(list, String)
  for (let n = 0; n < names; n++) clausify.atom(n)
  return { solver, clausify, list }
}

describe('formulas as clauses', () => {
  let z3: SecondOpinion
  before(async () => {
    z3 = await openSecondOpinion()
  })
  after(() => z3.close())

  it('can hold exactly where some world holds, claimed or denied, and the example found is such a world', () => {
    fc.assert(
      fc.property(formula, fc.array(formula, { maxLength: 2 }), (asked, required) => {
        const { solver, clausify } = rig()
        for (const one of required) clausify.require(one)
        for (const question of [asked, not(asked)]) {
          const all = [question, ...required]
          const expected = worlds.some((is) => all.every((one) => holds(one, is)))
          assert.equal(
            solver.solve([clausify.claim(question)]),
            expected ? 'satisfiable' : 'unsatisfiable',
          )
          const found = (n: number) => solver.isTrue(clausify.atom(n))
          if (expected) for (const one of all) assert.ok(holds(one, found))
        }
      }),
      { numRuns: 200 },
    )
  })

  it('agrees with z3, which reads the formula itself, and with z3 on the clauses in DIMACS', async () => {
    await fc.assert(
      fc.asyncProperty(formula, fc.array(formula, { maxLength: 2 }), async (asked, required) => {
        const { solver, clausify, list } = rig()
        for (const one of required) clausify.require(one)
        const claim = clausify.claim(asked)
        const ours = solver.solve([claim]) === 'satisfiable'
        const declared = Array.from({ length: names }, (_, n) => `(declare-const a${n} Bool)`)
        const asserted = [asked, ...required].map((one) => `(assert ${smtOf(one, (n) => `a${n}`)})`)
        assert.equal(await z3.canHold([...declared, ...asserted].join('\n')), ours)
        assert.equal(await z3.canHold(list.dimacs([claim])), ours)
      }),
      { numRuns: 60 },
    )
  })

  it('at most one is at most one, of few and of many', () => {
    for (const count of [1, 2, 6, 7, 25]) {
      const solver = createSolver()
      const clausify = createClausify<number>(solver, String)
      const all = Array.from({ length: count }, (_, n) => clausify.atom(n))
      clausify.atMostOne(all)
      assert.equal(solver.solve(all.map((one) => -one)), 'satisfiable')
      for (const one of all) {
        assert.equal(solver.solve([one]), 'satisfiable')
        for (const other of all)
          if (other !== one) assert.equal(solver.solve([one, other]), 'unsatisfiable')
      }
    }
  })

  it('one of the rows holds, and nothing besides', () => {
    const row = fc.subarray([0, 1, 2, 3, 4])
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), row, (rows, asked) => {
        const solver = createSolver()
        const clausify = createClausify<number>(solver, String)
        const all = [0, 1, 2, 3, 4]
        clausify.oneOf(all, rows)
        const literals = all.map((n) => (asked.includes(n) ? 1 : -1) * clausify.atom(n))
        const expected = rows.some((one) => one.join() === asked.join())
        assert.equal(solver.solve(literals), expected ? 'satisfiable' : 'unsatisfiable')
      }),
    )
  })
})
