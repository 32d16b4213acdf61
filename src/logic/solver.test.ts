import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createSolver, type Literal, type Solver } from './solver.ts'

type Clause = readonly Literal[]

const literal = (variables: number) =>
  fc.tuple(fc.integer({ min: 1, max: variables }), fc.boolean()).map(([n, is]) => (is ? n : -n))
const clauses = (variables: number, most: number) =>
  fc.array(fc.array(literal(variables), { minLength: 1, maxLength: 4 }), { maxLength: most })

/** Whether some world of `variables` satisfies every clause, by trying all of them. */
function canHold(set: readonly Clause[], variables: number): boolean {
  for (let world = 0; world < 2 ** variables; world++) {
    const is = (one: Literal) => ((world >> (Math.abs(one) - 1)) & 1) === (one > 0 ? 1 : 0)
    if (set.every((clause) => clause.some(is))) return true
  }
  return false
}

function solverOf(set: readonly Clause[], variables: number, conflicts = 100_000): Solver {
  const solver = createSolver({ conflicts })
  for (let n = 0; n < variables; n++) solver.variable()
  for (const clause of set) solver.add(clause)
  return solver
}

/** `pigeons` into `holes`, one each: the classic that needs many steps to refute. Variable p·holes + h + 1: p sits in h. */
function pigeonhole(pigeons: number, holes: number): Clause[] {
  const sits = (p: number, h: number) => p * holes + h + 1
  const all = (count: number) => Array.from({ length: count }, (_, n) => n)
  const housed = all(pigeons).map((p) => all(holes).map((h) => sits(p, h)))
  const alone = all(holes).flatMap((h) =>
    all(pigeons).flatMap((p) => all(p).map((other) => [-sits(p, h), -sits(other, h)])),
  )
  return [...housed, ...alone]
}

// Its parts, src/logic/solver/activity.ts and src/logic/solver/learn.ts, show in what it answers and how soon.
describe('the SAT solver', () => {
  it('agrees with trying every world, and its examples hold', () => {
    fc.assert(
      fc.property(clauses(12, 60), (set) => {
        const solver = solverOf(set, 12)
        const answer = solver.solve()
        assert.equal(answer, canHold(set, 12) ? 'satisfiable' : 'unsatisfiable')
        if (answer === 'satisfiable')
          for (const clause of set) assert.ok(clause.some((one) => solver.isTrue(one)))
      }),
      { numRuns: 300 },
    )
  })

  it('answers one question after another, under assumptions and with clauses added between, like a fresh one', () => {
    const question = fc.record({
      added: clauses(8, 8),
      assumed: fc.array(literal(8), { maxLength: 4 }),
    })
    fc.assert(
      fc.property(fc.array(question, { maxLength: 8 }), (questions) => {
        const solver = solverOf([], 8)
        const known: Clause[] = []
        for (const { added, assumed } of questions) {
          for (const clause of added) solver.add(clause)
          known.push(...added)
          const expected = canHold([...known, ...assumed.map((one) => [one])], 8)
          assert.equal(solver.solve(assumed), expected ? 'satisfiable' : 'unsatisfiable')
          if (expected) assert.ok(assumed.every((one) => solver.isTrue(one)))
          else {
            const blamed = solver.blamed()
            assert.ok(blamed.every((one) => assumed.includes(one)))
            assert.ok(!canHold([...known, ...blamed.map((one) => [one])], 8))
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('answers questions that begin alike, one after another and interrupted by giving up, like a fresh one', () => {
    const tails = fc.array(fc.tuple(fc.nat(10), fc.array(literal(10), { maxLength: 3 })), {
      maxLength: 12,
    })
    const asked = fc.array(literal(10), { minLength: 4, maxLength: 8 })
    fc.assert(
      fc.property(clauses(10, 40), asked, tails, fc.nat(3), (set, common, rest, conflicts) => {
        const solver = solverOf(set, 10, 1 + conflicts * 100)
        for (const [shared, own] of rest) {
          const assumed = [...common.slice(0, shared), ...own]
          const answer = solver.solve(assumed)
          if (answer === 'gaveUp') continue
          const expected = canHold([...set, ...assumed.map((one) => [one])], 10)
          assert.equal(answer, expected ? 'satisfiable' : 'unsatisfiable')
          if (expected) {
            assert.ok(assumed.every((one) => solver.isTrue(one)))
            for (const clause of set) assert.ok(clause.some((one) => solver.isTrue(one)))
          } else assert.ok(!canHold([...set, ...solver.blamed().map((one) => [one])], 10))
        }
      }),
      { numRuns: 150 },
    )
  })

  it('refutes the pigeonhole principle, and houses as many pigeons as there are holes', () => {
    assert.equal(solverOf(pigeonhole(7, 6), 42).solve(), 'unsatisfiable')
    assert.equal(solverOf(pigeonhole(30, 30), 900).solve(), 'satisfiable')
  })

  it('solves random clauses of the hardest density, forgetting on the way what it learnt', () => {
    const random = lcg(7)
    for (let round = 0; round < 3; round++) {
      const set = Array.from({ length: 766 }, () =>
        Array.from({ length: 3 }, () => (random(180) + 1) * (random(2) === 0 ? 1 : -1)),
      )
      const solver = solverOf(set, 180)
      const answer = solver.solve()
      assert.notEqual(answer, 'gaveUp')
      if (answer === 'satisfiable')
        for (const clause of set) assert.ok(clause.some((one) => solver.isTrue(one)))
    }
  })

  it('gives up at its limit instead of searching on, and can be asked again', () => {
    const solver = solverOf(pigeonhole(11, 10), 110, 50)
    assert.equal(solver.solve(), 'gaveUp')
    assert.ok(solver.steps() <= 50)
    assert.equal(solver.solve([1, -1]), 'unsatisfiable')
    assert.deepEqual(new Set(solver.blamed()), new Set([-1, 1]))
  })
})

/** Numbers below a bound, the same ones every time. */
function lcg(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}
