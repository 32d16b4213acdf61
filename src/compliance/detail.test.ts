import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { policyOf, told } from '../../test/fake/judging-rooms.ts'
import type { FactValues } from '../devices/facts.ts'
import { createDetailedJudge } from './detail.ts'
import { createJudge, defaultSiteCompliance, type Subject } from './judge.ts'
import type { CompliancePolicy } from './policy.ts'

const now = Date.UTC(2026, 2, 1)

function subject(plain: Partial<FactValues>, rest: Partial<Subject> = {}): Subject {
  return {
    facts: told(plain, now),
    platform: 'android',
    lastReportAt: now,
    memberships: new Set(),
    before: undefined,
    ...rest,
  }
}

const detail = (policies: readonly CompliancePolicy[], of: Subject) =>
  createDetailedJudge(policies, defaultSiteCompliance)(of, now)

const named = (
  name: string,
  settings: CompliancePolicy['settings'],
  rest: Partial<CompliancePolicy> = {},
) => policyOf(settings, { name, platform: 'android', ...rest })

describe('a judgement with all that led to it', () => {
  it('says of each setting how it stands', () => {
    const policy = named('P', {
      passwordRequired: true,
      passwordMinimumLength: 6,
      osMinimumVersion: '14',
      storageRequireEncryption: true,
      secureBootEnabled: true,
    })
    const facts = { passwordRequired: true, passwordMinimumLength: 4, osVersion: '?' }
    const [result] = detail([policy], subject(facts)).policies
    assert.deepEqual(result?.settings, [
      { setting: 'passwordRequired', state: 'compliant', required: true },
      { setting: 'passwordMinimumLength', state: 'noncompliant', required: 6, measured: 4 },
      {
        setting: 'storageRequireEncryption',
        state: 'noncompliant',
        required: true,
        measured: 'notReported',
      },
      { setting: 'osMinimumVersion', state: 'error', required: '14', measured: '?' },
      { setting: 'secureBootEnabled', state: 'notApplicable', required: true },
    ])
    const forgiving = named('P', { storageRequireEncryption: true }, { notReported: 'compliant' })
    const [other] = detail([forgiving], subject({ model: 'X' })).policies
    assert.deepEqual(other?.settings[0]?.state, 'unknown')
    assert.equal(other?.state, 'compliant')
  })

  it('F09 a remediated setting is told, and is no finding, where management forces it', () => {
    const policy = policyOf({ passwordRequired: true, osMinimumVersion: '17' }, { platform: 'iOS' })
    const of = subject({ passwordRequired: false, osVersion: '18' }, { platform: 'iOS' })
    assert.equal(detail([policy], of).state, 'noncompliant')
    const forced = detail([policy], { ...of, forced: true })
    assert.equal(forced.state, 'compliant')
    assert.deepEqual(forced.findings, [])
    assert.deepEqual(forced.policies[0]?.settings[0], {
      setting: 'passwordRequired',
      state: 'remediated',
      required: true,
      measured: false,
    })
  })

  it('F17 of two minimum lengths the longer one counts, and both are shown', () => {
    const policies = [
      named('A', { passwordMinimumLength: 6 }),
      named('B', { passwordMinimumLength: 8 }),
    ]
    const between = detail(policies, subject({ passwordMinimumLength: 7 }))
    assert.equal(between.state, 'noncompliant')
    assert.deepEqual(between.conflicts, [
      {
        setting: 'passwordMinimumLength',
        effective: 8,
        values: [
          { policy: 'B', value: 8 },
          { policy: 'A', value: 6 },
        ],
      },
    ])
    assert.equal(detail(policies, subject({ passwordMinimumLength: 8 })).state, 'compliant')
  })

  it('F17 policies that do not reach the device are in no conflict', () => {
    const policies = [
      named('A', { passwordMinimumLength: 6 }),
      named('B', { passwordMinimumLength: 8 }, { platform: 'iOS' }),
      named('C', { passwordMinimumLength: 9 }, { assignedTo: ['grp_x'] }),
      named('D', { passwordMinimumLength: 6 }),
    ]
    assert.deepEqual(detail(policies, subject({ passwordMinimumLength: 6 })).conflicts, [])
  })

  it('F17 where none is stricter, each has to be met', () => {
    const ranges = (low: string, high: string) => [{ lowestVersion: low, highestVersion: high }]
    const policies = [
      named(
        'A',
        { validOperatingSystemBuildRanges: ranges('10.0.1', '10.0.5') },
        { platform: 'windows' },
      ),
      named(
        'B',
        { validOperatingSystemBuildRanges: ranges('10.0.4', '10.0.9') },
        { platform: 'windows' },
      ),
    ]
    const judged = detail(policies, subject({ osVersion: '10.0.3' }, { platform: 'windows' }))
    assert.equal(judged.state, 'noncompliant')
    assert.equal(judged.conflicts[0]?.effective, undefined)
    assert.equal(judged.conflicts[0]?.values.length, 2)
  })

  it('F18 compliance wins over configuration, be it weaker or stronger', () => {
    const configuration = { passwordMinimumLength: 4, passwordBlockSimple: true }
    const policies = [
      named('A', { passwordMinimumLength: 6, passwordRequired: true }),
      named('B', { passwordMinimumLength: 3 }),
    ]
    const of = subject({ passwordMinimumLength: 6, passwordRequired: true }, { configuration })
    assert.deepEqual(detail(policies, of).overridden, [
      { setting: 'passwordMinimumLength', configured: 4, effective: 6, policy: 'A' },
    ])
    const equal = { ...of, configuration: { passwordMinimumLength: 6 } }
    assert.deepEqual(detail(policies, equal).overridden, [])
    const off = { ...of, configuration: { passwordRequired: false } }
    assert.deepEqual(detail(policies, off).overridden, [
      { setting: 'passwordRequired', configured: false, effective: true, policy: 'A' },
    ])
  })

  it('F03 carries the severity of each policy', () => {
    const judged = detail(
      [named('A', { passwordRequired: true }, { severity: 'critical' })],
      subject({ model: 'X' }),
    )
    assert.equal(judged.policies[0]?.severity, 'critical')
  })

  it('F12 the default policy of Graph is no policy', () => {
    const builtIn = policyOf({}, { type: 'defaultDeviceCompliancePolicy' })
    assert.equal(detail([builtIn], subject({ model: 'X' })).state, 'compliant')
    const site = { ...defaultSiteCompliance, secureByDefault: true }
    assert.equal(createJudge([builtIn], site)(subject({ model: 'X' }), now).state, 'noncompliant')
  })

  it('judges as the other judge does', () => {
    const policies = [
      named('A', { passwordMinimumLength: 6 }, { gracePeriodHours: 24 }),
      named('B', { osMinimumVersion: '14' }),
    ]
    const of = subject({ passwordMinimumLength: 4, osVersion: '14' })
    const judged = detail(policies, of)
    const { policies: results, ...plain } = createJudge(policies, defaultSiteCompliance)(of, now)
    assert.deepEqual({ ...judged, ...plain }, judged)
    for (const [at, result] of results.entries())
      assert.deepEqual({ ...judged.policies[at], ...result }, judged.policies[at])
  })
})
