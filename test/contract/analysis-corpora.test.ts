import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { readConditionalFolder } from '../../src/cli/conditional-folder.ts'
import { analyse, compare } from '../../src/conditional/analysis.ts'
import { countedAs } from '../../src/conditional/analysis/counted.ts'
import { reportAnalysis } from '../../src/conditional/analysis-report.ts'
import type { PolicySet } from '../../src/conditional/conditional.ts'
import { cellQuestions } from '../cell-questions.ts'
import { policySet } from '../worlds/policy-sets.ts'
import { openSecondOpinion, type SecondOpinion } from '../z3.ts'

// Conditional access policies as administrators published them. They are not part of this repository: they are read where they
// lie beside it, or where POSTERN_CORPORA says.
const beside = fileURLToPath(new URL('../../../shared/corpora', import.meta.url))
const corpora = process.env['POSTERN_CORPORA'] ?? beside

/** Sets by folder, with what a prototype of another solver found: pairs of client and platform open to members, and dead policies. */
const sets = [
  { name: 'j0eyv+ConditionalAccessBaseline', policies: 36, open: 14, never: 6 },
  { name: 'AlexFilipin+ConditionalAccess', policies: 214, open: 28, never: undefined },
].filter(({ name }) => existsSync(`${corpora}/${name}`))

/** Folders of policies within them that are sets of their own. */
const parts = [
  ...new Set(
    sets.flatMap(({ name }) =>
      readdirSync(`${corpora}/${name}`, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
        .map(({ parentPath }) => parentPath.slice(corpora.length + 1)),
    ),
  ),
].filter((folder) => readConditionalFolder(`${corpora}/${folder}`).set.policies.length > 0)

const now = Date.parse('2026-03-01T08:00:00Z')
const view = { counting: 'all', now } as const

describe('case 39 (identity-and-access 9): analysis of published policy sets', () => {
  it('lie beside this repository whole, or not at all', () => {
    assert.ok([0, 2].includes(sets.length))
  })
  for (const { name, policies, open, never } of sets) {
    it(`${name}: the known figures, and each way in is decided so`, () => {
      const { set, faults } = readConditionalFolder(`${corpora}/${name}`)
      assert.deepEqual(faults, [])
      const analysis = analyse(set, view)
      assert.deepEqual(analysis.disagreements, [])
      assert.deepEqual(analysis.undecided, [])
      const report = reportAnalysis(analysis, () => undefined)
      assert.equal(report.policies.length, policies)
      assert.equal(report.openToMembers, open)
      if (never !== undefined)
        assert.equal(report.surplus.filter(({ kind }) => kind === 'neverApplies').length, never)
    })

    it(`${name}: is no other than itself, and one edited line is found`, () => {
      const { set } = readConditionalFolder(`${corpora}/${name}`)
      const same = compare(set, set, view)
      assert.deepEqual([same.opened, same.closed, same.sessions], [[], [], []])
      const at = set.policies.findIndex(({ conditions, grantControls }) => {
        const blocks = grantControls?.builtInControls?.includes('block')
        return blocks && conditions.clientAppTypes.includes('exchangeActiveSync')
      })
      const edited = set.policies.map((one) =>
        // Sets with copies of a policy change only where all copies do.
        one.displayName === set.policies[at]?.displayName
          ? { ...one, conditions: { ...one.conditions, clientAppTypes: ['other' as const] } }
          : one,
      )
      const { opened, closed, disagreements } = compare(set, { ...set, policies: edited }, view)
      assert.deepEqual([closed, disagreements], [[], []])
      assert.ok(opened.length > 0)
      for (const { ways } of opened)
        for (const { client } of ways) assert.equal(client, 'exchangeActiveSync')
    })
  }
})

describe('case 39 (identity-and-access 9): our solver and z3', () => {
  let z3: SecondOpinion
  before(async () => {
    z3 = await openSecondOpinion()
  })
  after(() => z3.close())

  /** How many of the questions about a set both answer with yes. */
  async function agree(set: PolicySet): Promise<number> {
    const questions = cellQuestions(set, 2)
    const ours = questions.ours()
    const theirs = await questions.theirs(z3)
    const named = (answers: readonly boolean[]) =>
      questions.names.map((name, n) => `${name}: ${answers[n]}`)
    assert.deepEqual(named(ours), named(theirs))
    return ours.filter(Boolean).length
  }

  for (const { name, open } of sets)
    it(`${name}: agree on every cell, for members and for those whom no policy mentions`, async () => {
      const { set } = countedAs(readConditionalFolder(`${corpora}/${name}`).set, 'all')
      assert.ok((await agree(set)) >= open)
    })

  for (const folder of parts)
    it(`${folder}: agree on every cell as well`, async () => {
      const { set, faults } = readConditionalFolder(`${corpora}/${folder}`)
      assert.deepEqual(faults, [])
      await agree(countedAs(set, 'all').set)
    })

  it('agree on random sets', async () => {
    await fc.assert(
      fc.asyncProperty(policySet(5), async (set) => {
        await agree(set)
      }),
      { numRuns: 3 },
    )
  })
})
