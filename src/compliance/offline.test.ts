import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { policyOf } from '../../test/fake/judging-rooms.ts'
import { Failure } from '../base/failures.ts'
import { defaultSiteCompliance } from './judge.ts'
import { createLineJudge } from './offline.ts'
import type { CompliancePolicy } from './policy.ts'

// Lines are read by src/compliance/device-line.ts.

const now = Date.parse('2026-03-01T12:00:00Z')
const judgeOf = (policies: readonly CompliancePolicy[], at = now) =>
  createLineJudge(policies, defaultSiteCompliance, at)

const phones = policyOf(
  { passwordRequired: true, osMinimumVersion: '17.4' },
  { name: 'Phones', platform: 'iOS' },
)
const line = (rest: object) => JSON.stringify({ id: 'd', platform: 'iOS', ...rest })

const refused = (code: string, part: RegExp) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === code && part.test(thrown.detail)

describe('judging lines', () => {
  it('prints one verdict per line, times as text', () => {
    const facts = { osVersion: '17.3', passwordRequired: { value: true, source: 'apple' } }
    const printed = judgeOf([phones])(line({ facts, lastReport: '2026-03-01T00:00:00Z' }), 1)
    assert.deepEqual(printed, {
      id: 'd',
      state: 'noncompliant',
      policies: [
        {
          name: 'Phones',
          state: 'noncompliant',
          settings: [
            { setting: 'passwordRequired', state: 'compliant', required: true },
            {
              setting: 'osMinimumVersion',
              state: 'noncompliant',
              required: '17.4',
              measured: '17.3',
            },
          ],
        },
      ],
      findings: [
        {
          setting: 'osMinimumVersion',
          policy: 'Phones',
          measured: '17.3',
          required: '17.4',
          title: 'Minimum version of the operating system',
          fix: 'updateSystem',
        },
      ],
      recheckAt: '2026-03-31T00:00:00.000Z',
      failingSince: '2026-03-01T12:00:00.000Z',
    })
  })

  it('F09 a device is taken to be managed unless its channel says otherwise', () => {
    const facts = { osVersion: '18', passwordRequired: false }
    const state = (rest: object) => judgeOf([phones])(line({ facts, ...rest }), 1).state
    assert.equal(state({}), 'compliant')
    assert.equal(state({ channel: 'apple' }), 'compliant')
    assert.equal(state({ channel: 'report' }), 'noncompliant')
  })

  it('F13 a device that fell silent for 30 days is noncompliant', () => {
    const facts = { osVersion: '18', passwordRequired: true }
    const state = (lastReport: string) => judgeOf([phones])(line({ facts, lastReport }), 1)
    assert.equal(state('2026-01-30T12:00:01Z').state, 'compliant')
    const silent = state('2026-01-30T12:00:00Z')
    assert.equal(silent.state, 'noncompliant')
    assert.equal(silent.findings[0]?.setting, 'isActive')
    assert.equal(silent.recheckAt, null)
  })

  it('F15 F14 grace and hold go on from what was printed before', () => {
    const graced = policyOf(phones.settings, { ...phones, gracePeriodHours: 24 })
    const tell = (facts: object, at: string, before?: unknown) => {
      const lastReport = at
      return judgeOf([graced], Date.parse(at))(line({ facts, lastReport, before }), 1)
    }
    const first = tell({ osVersion: '17.3' }, '2026-03-01T00:00:00Z')
    assert.equal(first.state, 'inGracePeriod')
    assert.equal(first.graceUntil, '2026-03-02T00:00:00.000Z')
    const later = tell({ osVersion: '17.3' }, '2026-03-01T23:00:00Z', first)
    assert.equal(later.graceUntil, first.graceUntil)
    assert.equal(tell({ osVersion: '17.3' }, '2026-03-02T00:00:00Z', later).state, 'noncompliant')
    const well = tell({ osVersion: '18' }, '2026-03-03T00:00:00Z', later)
    const erring = tell({ osVersion: '?' }, '2026-03-04T00:00:00Z', well)
    assert.deepEqual([erring.state, erring.heldState], ['error', 'compliant'])
    const still = tell({ osVersion: '?' }, '2026-03-10T00:00:00Z', erring)
    assert.deepEqual([still.state, still.heldState], ['error', 'compliant'])
    assert.equal(tell({ osVersion: '?' }, '2026-03-11T00:00:00Z', still).state, 'noncompliant')
  })

  it('F10 policies reach the groups of an owner; of an unknown owner, everybody is meant', () => {
    const staff = { ...phones, assignedTo: ['staff'], excluded: ['guests'] } as unknown
    const judge = judgeOf([staff as CompliancePolicy])
    const state = (owner?: unknown) => judge(line({ facts: { osVersion: '1' }, owner }), 1).state
    assert.equal(state({ groups: ['staff'] }), 'noncompliant')
    assert.equal(state({ groups: ['staff', 'guests'] }), 'compliant')
    assert.equal(state({ groups: [] }), 'compliant')
    assert.equal(state({ name: 'alice' }), 'noncompliant')
    assert.equal(state('alice'), 'noncompliant')
    assert.equal(state(), 'noncompliant')
  })

  it('F02 platforms are known by several names', () => {
    const state = (platform: unknown) =>
      judgeOf([phones])(line({ platform, facts: { osVersion: '1' } }), 1).state
    for (const name of ['iOS', 'ios', 'iPadOS']) assert.equal(state(name), 'noncompliant', name)
    for (const name of ['Android', 'Windows 10', 'macOS', 'linux'])
      assert.equal(state(name), 'notApplicable', name)
    for (const name of ['amiga', 'constructor', 8])
      assert.throws(() => state(name), refused('request.malformed', /line 1: platform/))
  })

  it('says what it ignored', () => {
    const printed = judgeOf([phones])(
      line({ facts: { shoeSize: 44, osVersion: null }, colour: 'red' }),
      1,
    )
    assert.deepEqual(printed.ignored, ['colour', 'facts.shoeSize'])
  })

  const wrong: readonly [text: string, code: string, part: RegExp][] = [
    ['{', 'request.malformed', /line 7: is no JSON/],
    ['[]', 'request.malformed', /no JSON object/],
    ['{}', 'request.malformed', /id: is no text/],
    [line({ facts: [] }), 'request.malformed', /facts: is no object/],
    [line({ facts: { passwordRequired: 'yes' } }), 'request.malformed', /facts\.passwordRequired/],
    [line({ facts: { threatLevel: 'huge' } }), 'request.malformed', /one of secured, low/],
    [line({ facts: { osVersion: { value: '1', trust: 'sworn' } } }), 'request.malformed', /trust/],
    [line({ lastReport: 'yesterday' }), 'request.malformed', /lastReport: is no time/],
    [line({ owner: { groups: 'staff' } }), 'request.malformed', /owner\.groups/],
    [line({ configuration: { pasword: 1 } }), 'request.malformed', /configuration/],
    [line({ before: 'error' }), 'request.malformed', /before/],
    [line({ facts: { installedApps: Array(1001).fill('a') } }), 'limit.exceeded', /1000/],
    [' '.repeat(1_048_577), 'limit.exceeded', /line 7/],
  ]
  for (const [text, code, part] of wrong)
    it(`refuses ${text.slice(0, 60)}`, () => {
      assert.throws(() => judgeOf([phones])(text, 7), refused(code, part))
    })

  it('law: any line is judged or refused with a code', () => {
    const anyLine = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .dictionary(
          fc.constantFrom('id', 'platform', 'facts', 'lastReport', 'owner', 'before', 'channel'),
          fc.oneof(fc.jsonValue(), fc.constant('iOS')),
        )
        .map((value) => JSON.stringify(value)),
    )
    const judge = judgeOf([phones])
    fc.assert(
      fc.property(anyLine, (text) => {
        try {
          JSON.parse(JSON.stringify(judge(text, 1)))
        } catch (thrown) {
          assert.ok(
            thrown instanceof Failure && thrown.code === 'request.malformed',
            String(thrown),
          )
        }
      }),
      { numRuns: 1000 },
    )
  })
})
