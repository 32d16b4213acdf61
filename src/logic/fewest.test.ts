import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createFewest } from './fewest.ts'
import { createSolver, type Literal } from './solver.ts'

const variables = 9
const all = Array.from({ length: variables }, (_, n) => n + 1)
const literal = fc
  .tuple(fc.integer({ min: 1, max: variables }), fc.boolean())
  .map(([n, is]) => (is ? n : -n))
const clause = fc.array(literal, { minLength: 1, maxLength: 4 })
const clauses = fc.array(clause, { maxLength: 30 })

function worldsOf(set: readonly (readonly Literal[])[]): Literal[][] {
  return Array.from({ length: 2 ** variables }, (_, world) =>
    all.filter((n) => (world >> (n - 1)) & 1),
  ).filter((world) =>
    set.every((clause) => clause.some((one) => world.includes(Math.abs(one)) === one > 0)),
  )
}

describe('the example with the fewest true', () => {
  it('is as short as the shortest world, of some or of all variables, question after question', () => {
    const question = fc.record({
      added: fc.array(clause, { maxLength: 6 }),
      counted: fc.subarray(all),
      assumed: fc.array(literal, { maxLength: 3 }),
    })
    fc.assert(
      fc.property(clauses, fc.array(question, { minLength: 1, maxLength: 6 }), (set, questions) => {
        const solver = createSolver()
        for (const _ of all) solver.variable()
        for (const clause of set) solver.add(clause)
        const solveFewest = createFewest(solver)
        const known = [...set]
        for (const { added, counted, assumed } of questions) {
          for (const clause of added) solver.add(clause)
          known.push(...added)
          const worlds = worldsOf([...known, ...assumed.map((one) => [one])])
          const answer = solveFewest(assumed, counted)
          assert.equal(answer, worlds.length > 0 ? 'satisfiable' : 'unsatisfiable')
          if (answer !== 'satisfiable') continue
          const count = (world: Literal[]) => counted.filter((one) => world.includes(one)).length
          assert.equal(
            counted.filter((one) => solver.isTrue(one)).length,
            Math.min(...worlds.map(count)),
          )
        }
      }),
      { numRuns: 150 },
    )
  })

  it('still drops what it can where the shortest is too long to find', () => {
    const solver = createSolver()
    const rows = Array.from({ length: 12 }, () =>
      Array.from({ length: 12 }, () => solver.variable()),
    )
    for (const row of rows) solver.add(row)
    for (const [at] of rows.entries()) solver.add(rows.map((row) => row[at] ?? 0))
    assert.equal(createFewest(solver)([], rows.flat()), 'satisfiable')
    const chosen = rows.flat().filter((one) => solver.isTrue(one))
    for (const dropped of chosen) {
      const kept = chosen.filter((one) => one !== dropped)
      const denied = rows.flat().filter((one) => !kept.includes(one))
      assert.equal(solver.solve(denied.map((one) => -one)), 'unsatisfiable')
    }
  })
})
