import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { anyGraphPolicy } from '../../../test/worlds/graph-policies.ts'
import { reachOf } from '../../compliance/graph-json/targets.ts'
import type { CompliancePolicy } from '../../compliance/policy.ts'
import type { GroupId } from '../../directory/directory.ts'
import { compareCompliance, readCompliance, writeCompliance } from './compliance-form.ts'
import type { Surroundings } from './kind.ts'
import { createNames } from './names.ts'

type Draft = Omit<CompliancePolicy, 'assignedTo' | 'excluded'>

const groupsOf = ({ targets = [] }: Draft) => targets.flatMap(({ id }) => (id ? [id] : []))

/** A directory whose groups are those of the policy, each under another name. */
function around(policy: Draft): Surroundings {
  const groups = [...new Set(groupsOf(policy))].map((id) => ({
    id: `grp_${id}` as const,
    name: `Group ${id}`,
    members: [],
  }))
  const everybody = { users: [], groups }
  return {
    everybody,
    collections: [],
    names: createNames(everybody, [], []),
    strengths: [],
    now: '2026-01-01T00:00:00Z',
    freshId: () => assert.fail('compliance policies get their ids elsewhere'),
  }
}

/** The draft as a site keeps it. */
function kept(draft: Draft): CompliancePolicy {
  const targets = (draft.targets ?? []).map((one) =>
    one.id === undefined ? one : { ...one, id: `grp_${one.id}` },
  )
  return {
    ...draft,
    ...(targets.length > 0 && { targets }),
    ...reachOf(targets, (id) => id as GroupId),
  }
}

const anyKept: fc.Arbitrary<readonly [CompliancePolicy, Surroundings]> = anyGraphPolicy.map(
  (draft) => [kept(draft), around(draft)],
)

describe('compliance policies in a folder', () => {
  it('law: what is written is read as the same policy, with names in between', () => {
    fc.assert(
      fc.property(anyKept, ([policy, site]) => {
        const document = writeCompliance(policy, site)
        assert.ok(!JSON.stringify(document).includes('grp_'))
        const read = readCompliance(document, undefined, site)
        assert.deepEqual(compareCompliance(policy, read, site), [])
        const { origin: _, ...rest } = read // the settings catalogue says what it is of
        assert.deepEqual(rest, policy)
      }),
    )
  })

  it('law: a policy that Graph cannot say whole is a document of ours, and comes back too', () => {
    const severity = fc.constantFrom('warning' as const, 'critical' as const)
    fc.assert(
      fc.property(anyKept, severity, ([policy, site], worse) => {
        const severe = { ...policy, severity: worse }
        const document = writeCompliance(severe, site)
        assert.equal(document['kind'], 'compliancePolicy')
        assert.deepEqual(
          compareCompliance(severe, readCompliance(document, severe, site), site),
          [],
        )
        assert.deepEqual(
          compareCompliance(policy, severe, site).map(({ path }) => path),
          ['severity'],
        )
      }),
    )
  })

  it('are for nobody where a new one does not say whom it is for', () => {
    const document = {
      '@odata.type': '#microsoft.graph.iosCompliancePolicy',
      displayName: 'Phones',
      id: 'X',
      version: 3,
    }
    const site = around({ ...readDraft, targets: [] })
    const policy = readCompliance(document, undefined, site)
    assert.deepEqual([policy.assignedTo, policy.excluded, policy.origin], [[], [], undefined])
    const old = { ...policy, assignedTo: 'all' as const, gracePeriodHours: 24 }
    const again = readCompliance(document, old, site)
    assert.deepEqual([again.assignedTo, again.gracePeriodHours], ['all', 24])
    assert.deepEqual(compareCompliance(old, again, site), [])
  })
})

const readDraft: Draft = {
  name: 'Phones',
  platform: 'iOS',
  type: 'iosCompliancePolicy',
  settings: {},
  gracePeriodHours: 0,
  notReported: 'noncompliant',
}
