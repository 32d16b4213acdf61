import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readConditionalFolder } from '../../src/cli/conditional-folder.ts'
import { readPolicyFolder } from '../../src/cli/policy-files.ts'
import { assumeLocations } from '../../src/conditional/analysis/assumed.ts'
import { createEvaluator, type Evaluator } from '../../src/conditional/conditional.ts'
import type { ConditionalAccessPolicy, NamedLocation } from '../../src/conditional/policy.ts'
import { readPolicy, writePolicy } from '../../src/conditional/read-policy.ts'
import { bluntPolicy } from '../conditional-normal.ts'
import { assertAgree } from '../worlds/four-uses.ts'
import { createSignIns } from '../worlds/sign-ins.ts'

// Conditional access policies as administrators published them. They are not part of this repository: they are read where they
// lie beside it, or where POSTERN_CORPORA says.
const beside = fileURLToPath(new URL('../../../shared/corpora', import.meta.url))
const corpora = process.env['POSTERN_CORPORA'] ?? beside
const now = Date.parse('2026-03-01T08:00:00Z')

const sets = [
  { name: 'j0eyv+ConditionalAccessBaseline', policies: 36 },
  { name: 'AlexFilipin+ConditionalAccess', policies: 214 },
].filter(({ name }) => existsSync(`${corpora}/${name}`))

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

describe('case 38 (identity-and-access 9): every published policy', () => {
  it('lies beside this repository whole, or not at all', () => {
    assert.ok([0, 2].includes(sets.length))
  })
  for (const { name, policies } of sets) {
    it(`${name}: is read, and export is the identity up to what Graph itself changes`, () => {
      const { set, faults } = readConditionalFolder(`${corpora}/${name}`)
      assert.deepEqual(faults, [])
      assert.equal(set.policies.length, policies)
      const documents = readPolicyFolder(`${corpora}/${name}`).documents.filter(
        ({ value }) => isObject(value) && isObject(value['conditions']),
      )
      assert.equal(documents.length, policies)
      for (const [n, { file, value }] of documents.entries()) {
        const written = { ...writePolicy(set.policies[n] ?? assert.fail()) }
        assert.deepEqual(bluntPolicy(written), bluntPolicy(isObject(value) ? value : {}), file)
        assert.deepEqual({ ...writePolicy(readPolicy(written).policy) }, written, file)
      }
    })

    it(`${name}: whatever it asks for is understood, or listed and taken for met`, () => {
      const { set, locations } = assumeLocations(readConditionalFolder(`${corpora}/${name}`).set)
      const before = createEvaluator(set)
      const listed = before.prepared.flatMap(({ unevaluated }) => unevaluated)
      for (const one of listed) assert.match(one, expected)
      const planted = set.policies.map((policy) => ({
        ...policy,
        conditions: { ...policy.conditions, moonPhases: ['full'] },
      }))
      const after = createEvaluator({ ...set, policies: planted })
      for (const { unevaluated } of after.prepared)
        assert.ok(unevaluated.includes('moonPhases: this condition is not understood'))
      const next = createSignIns(before.prepared, locations, now, 1)
      for (let count = 0; count < 100; count++) {
        const signIn = next()
        assert.deepEqual(after.decide(signIn, now), before.decide(signIn, now))
      }
    })
  }
})

/** What published policies ask for that nothing here can tell, each with what it comes to. */
const expected =
  /^(applications\.applicationFilter: |applications\.(networkAccess|globalSecureAccess): |clientApplications\.servicePrincipalFilter: |agent\w+: |agents: |grantControls: authentication strength )/

/** Folders of which each is a set that somebody would put in force, and the whole of them. */
const inForce = sets.flatMap(({ name }) => {
  const kinds = `${corpora}/${name}/PolicySets`
  const own = existsSync(kinds)
    ? readdirSync(kinds).map((kind) => `${name}/PolicySets/${kind}`)
    : []
  return [name, ...own]
})

/** Sign-ins for all sets together; the largest set has fewer, since each is asked of more policies. */
const signIns = 100_000
const ofLargest = 4000

describe('case 40 (identity-and-access 9): decide, explain, What If and the compiled verdict', () => {
  for (const folder of inForce) {
    const isLargest = folder === sets.at(-1)?.name
    const count = isLargest ? ofLargest : Math.ceil((signIns - ofLargest) / (inForce.length - 1))
    it(`${folder}: agree on ${count} sign-ins`, () => {
      const { set, locations } = assumeLocations(readConditionalFolder(`${corpora}/${folder}`).set)
      const evaluator = createEvaluator({ ...set, policies: set.policies.map(inSomeState) })
      agreeOn(evaluator, locations, count)
    })
  }
})

/** Most in force, some reporting, few off, whatever they were published as. */
const inSomeState = (policy: ConditionalAccessPolicy, n: number): ConditionalAccessPolicy => ({
  ...policy,
  state: n % 11 === 10 ? 'disabled' : n % 5 === 4 ? 'enabledForReportingButNotEnforced' : 'enabled',
})

function agreeOn(evaluator: Evaluator, locations: readonly NamedLocation[], count: number): void {
  const next = createSignIns(evaluator.prepared, locations, now, count)
  for (let n = 0; n < count; n++) assertAgree(evaluator, next(), now)
}
