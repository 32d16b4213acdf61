import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { day, hour, type Instant } from '../base/clock.ts'
import type { Facts, Platform } from '../devices/facts.ts'
import type { CompliancePolicy } from './policy.ts'
import { defaultSiteCompliance, type Judgement, judgeDevice, type SiteCompliance } from './judge.ts'
import { type ComplianceState, worstState } from './verdict.ts'

// The cases run through the whole of judging: this also holds src/compliance/compile.ts and src/compliance/reading.ts.

/** Times are told from a start: `+24h`, `+7d`. */
type Time = string

interface Expected {
  readonly state: ComplianceState
  readonly findings: readonly string[]
  readonly heldState?: ComplianceState | null
  readonly measured?: Record<string, unknown>
  readonly policies?: Record<string, ComplianceState>
  readonly graceUntil?: Time | null
  readonly recheckAt?: Time
  /** Settings of any policy that management forces. */
  readonly remediated?: readonly string[]
}

interface Case {
  readonly name: string
  readonly platform: Platform
  readonly groups?: readonly string[]
  readonly site?: Partial<SiteCompliance>
  readonly forced?: boolean
  readonly policies: readonly (Pick<CompliancePolicy, 'name' | 'platform' | 'settings'> &
    Partial<CompliancePolicy>)[]
  readonly steps: readonly {
    readonly at: Time
    readonly facts?: Record<string, unknown>
    readonly lastReportAt?: Time
    readonly groups?: readonly string[]
    readonly profileReaches?: boolean
    readonly expect: Expected
  }[]
}

const start = Date.UTC(2026, 2, 1)
const folder = new URL('../../test/cases/', import.meta.url)

function moment(time: Time): Instant {
  const [, count, unit] = /^\+(\d+)([hd])$/.exec(time) ?? assert.fail(`no time: ${time}`)
  return start + Number(count) * (unit === 'h' ? hour : day)
}

function readFacts(plain: Record<string, unknown> | undefined): Facts {
  const facts = Object.entries(plain ?? {}).map(([name, value]) => [
    name,
    { value, trust: 'managed', source: 'report', at: start },
  ])
  return Object.fromEntries(facts)
}

function play({ platform, policies, site, forced = false, ...rest }: Case): void {
  const whole = policies.map(
    (policy): CompliancePolicy => ({
      gracePeriodHours: 0,
      notReported: 'noncompliant',
      assignedTo: 'all',
      excluded: [],
      ...policy,
    }),
  )
  let before: Judgement | undefined
  for (const { at, facts, lastReportAt, groups, profileReaches, expect } of rest.steps) {
    const subject = {
      facts: readFacts(facts),
      platform,
      lastReportAt: lastReportAt === undefined ? undefined : moment(lastReportAt),
      memberships: new Set(groups ?? rest.groups ?? []),
      profileReaches,
      before,
      forced,
    }
    const rules = { ...defaultSiteCompliance, ...site }
    before = judgeDevice(subject, whole, rules, moment(at))
    compare(before, expect, at)
  }
}

function compare(judged: Judgement, expect: Expected, at: Time): void {
  const time = (told: Time | null | undefined) => (told == null ? undefined : moment(told))
  assert.equal(judged.state, expect.state, `state at ${at}`)
  assert.deepEqual(
    judged.findings.map((finding) => finding.rule),
    expect.findings,
    `findings at ${at}`,
  )
  if ('heldState' in expect) assert.equal(judged.heldState, expect.heldState ?? undefined)
  if ('graceUntil' in expect) assert.equal(judged.graceUntil, time(expect.graceUntil))
  if ('recheckAt' in expect) assert.equal(judged.recheckAt, time(expect.recheckAt), 'recheckAt')
  if (expect.remediated)
    assert.deepEqual(
      judged.policies.flatMap(({ remediated = [] }) => remediated),
      expect.remediated,
      `remediated at ${at}`,
    )
  for (const [rule, measured] of Object.entries(expect.measured ?? {}))
    assert.equal(judged.findings.find((finding) => finding.rule === rule)?.measured, measured)
  if (expect.policies) {
    const states = judged.policies.map(({ policy, state }) => [policy, state])
    assert.deepEqual(Object.fromEntries(states), expect.policies)
  }
}

for (const file of readdirSync(folder).filter((name) => /^judge-.*\.json$/.test(name))) {
  const { feature, title, cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
    feature: string
    title: string
    cases: readonly Case[]
  }
  describe(`${feature} ${title}`, () => {
    for (const one of cases) it(one.name, () => play(one))
  })
}

describe('worstState', () => {
  it('F16 ranks as documented', () => {
    assert.equal(worstState(['unknown', 'compliant', 'inGracePeriod']), 'inGracePeriod')
    assert.equal(worstState(['compliant', 'error', 'noncompliant']), 'error')
    assert.equal(worstState(['notApplicable', 'unknown']), 'notApplicable')
    assert.equal(worstState(['noncompliant', 'inGracePeriod']), 'noncompliant')
    assert.equal(worstState([]), 'unknown')
  })
})
