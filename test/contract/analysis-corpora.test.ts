import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { readConditionalFolder } from '../../src/cli/conditional-folder.ts'
import { analyse, compare } from '../../src/conditional/analysis.ts'
import { assumeLocations } from '../../src/conditional/analysis/assumed.ts'
import { countedAs } from '../../src/conditional/analysis/counted.ts'
import { cellsIn } from '../../src/conditional/analysis/holes.ts'
import { openInquiry } from '../../src/conditional/analysis/inquiry.ts'
import { classesOf, exceptionsAmong } from '../../src/conditional/analysis/people.ts'
import { createWorld } from '../../src/conditional/analysis/world.ts'
import { reportAnalysis } from '../../src/conditional/analysis-report.ts'
import { type Atom, keyOf } from '../../src/conditional/atom.ts'
import { createEvaluator, type PolicySet } from '../../src/conditional/conditional.ts'
import { exchangeOnline, platforms } from '../../src/conditional/policy.ts'
import { and, atom, type Formula, not, or } from '../../src/logic/formula.ts'
import { policySet } from '../worlds/policy-sets.ts'
import { openSecondOpinion, type SecondOpinion, smtOf } from '../z3.ts'

// Conditional access policies as administrators published them. They are not part of this repository: they are read where they
// lie beside it, or where POSTERN_CORPORA says.
const beside = fileURLToPath(new URL('../../../shared/corpora', import.meta.url))
const corpora = process.env['POSTERN_CORPORA'] ?? beside

/** Sets by folder, with what a prototype of another solver found: pairs of client and platform open to members, and dead policies. */
const sets = [
  { name: 'j0eyv+ConditionalAccessBaseline', policies: 36, open: 14, never: 6 },
  { name: 'AlexFilipin+ConditionalAccess', policies: 214, open: 28, never: undefined },
].filter(({ name }) => existsSync(`${corpora}/${name}`))

const now = Date.parse('2026-03-01T08:00:00Z')
const view = { counting: 'all', now } as const

describe('analysis of published policy sets', () => {
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

describe('our solver and z3', () => {
  let z3: SecondOpinion
  before(async () => {
    z3 = await openSecondOpinion()
  })
  after(() => z3.close())

  /** For each class of users and each cell, whether somebody gets in: as our solver says, and as z3 says of the plain formulas. */
  async function agree(whole: PolicySet, classes: number): Promise<number> {
    const { set, locations } = assumeLocations(whole)
    const { prepared, known } = createEvaluator(set)
    const granted = and(
      ...prepared.map(({ applies, grant }) => or(not(applies), grant.formula)),
      atom<Atom>({ kind: 'app', id: exchangeOnline }),
      not(atom<Atom>({ kind: 'compliant' })),
      not(atom<Atom>({ kind: 'hybridJoined' })),
    )
    const parts = prepared.flatMap((one) => one.parts.map(({ formula }) => formula))
    const world = createWorld([granted, ...parts], { places: known.places, locations })
    const inquiry = openInquiry(world)
    const names = new Map(world.atoms.map((one, n) => [keyOf(one), `a${n}`]))
    const nameOf = (one: Atom) => names.get(keyOf(one)) ?? assert.fail('an atom of no world')
    const smt = (formula: Formula<Atom>) => smtOf(formula, nameOf)
    const rows = world.sides.map(({ atoms, rows: allowed }) =>
      or(
        ...allowed.map((row) =>
          and(...atoms.map((one) => (row.includes(one) ? atom(one) : not(atom<Atom>(one))))),
        ),
      ),
    )
    const declared = [...names.values()].map((name) => `(declare-const ${name} Bool)`).join('\n')
    const theirs = z3.given(
      [declared, ...[granted, ...rows, ...world.laws].map((one) => `(assert ${smt(one)})`)].join(
        '\n',
      ),
    )
    const ours = inquiry.claim(granted)
    let open = 0
    for (const { is } of classesOf(world.atoms, exceptionsAmong(prepared)).slice(0, classes)) {
      for (const { client, platform, demanded } of cellsIn(inquiry)) {
        const cell = [
          atom<Atom>({ kind: 'client', type: client }),
          ...platforms.map((one) => {
            const is = atom<Atom>({ kind: 'platform', platform: one })
            return one === platform ? is : not(is)
          }),
        ]
        const answer = inquiry.ask([ours, inquiry.claim(is), demanded]) === 'satisfiable'
        const statement = `(assert ${smt(and(is, ...cell))})`
        assert.equal(await theirs.canHold(statement), answer, `${client} on ${platform}`)
        if (answer) open++
      }
    }
    return open
  }

  for (const { name, open } of sets)
    it(`${name}: agree on every cell, for members and for those whom no policy mentions`, async () => {
      const { set } = countedAs(readConditionalFolder(`${corpora}/${name}`).set, 'all')
      assert.ok((await agree(set, 2)) >= open)
    })

  it('agree on random sets', async () => {
    await fc.assert(
      fc.asyncProperty(policySet(5), async (set) => {
        await agree(set, 2)
      }),
      { numRuns: 3 },
    )
  })
})
