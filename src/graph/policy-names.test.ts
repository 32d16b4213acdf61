import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { anyGraphPolicy } from '../../test/worlds/graph-policies.ts'
import { defaultAccessPolicies } from '../access/policy.ts'
import type { CompliancePolicy } from '../compliance/policy.ts'
import type { Group } from '../directory/directory.ts'
import { policySet } from './contract.ts'
import { readPolicies, writePolicies } from './policy-names.ts'

const groups: readonly Group[] = [
  { id: 'grp_a', name: 'Staff' },
  { id: 'grp_b', name: 'Guests' },
].map((group) => ({ ...group, members: [] })) as readonly Group[]

describe('policies as documents', () => {
  it('law: what is printed is taken back as it was, also what came from Graph', () => {
    fc.assert(
      fc.property(anyGraphPolicy, fc.boolean(), (draft, everybody) => {
        const policy: CompliancePolicy = {
          ...draft,
          severity: 'critical',
          unsupported: [{ setting: 'script', reason: 'it would have to run' }],
          origin: { version: 3 },
          assignedTo: everybody ? 'all' : ['grp_a'],
          excluded: ['grp_b'],
        }
        const printed = writePolicies([policy], defaultAccessPolicies, groups)
        const sent: unknown = JSON.parse(JSON.stringify(printed))
        assert.deepEqual(readPolicies(policySet.parse(sent), groups).compliance, [policy])
      }),
    )
  })

  it('a setting that nobody knows is refused, with the name of its policy', () => {
    const document = {
      kind: 'compliancePolicy',
      name: 'P',
      platform: 'all',
      settings: { pasword: 1 },
    }
    assert.throws(() => readPolicies(policySet.parse({ documents: [document] }), groups), {
      code: 'policy.invalid',
      detail: /^P: settings: .*pasword/,
    })
  })
})
