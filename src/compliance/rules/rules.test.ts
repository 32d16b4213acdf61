import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Facts, FactValues, Platform } from '../../devices/facts.ts'
import { termsOf } from '../compile.ts'
import type { ComplianceSettings } from '../settings.ts'
import { ruleOf } from './registry.ts'
import type { Ruling } from './rule.ts'

// What the case files of test/cases/ do not show of criteria.ts, system-version.ts (src/compliance/rules/criteria.ts,
// src/compliance/rules/system-version.ts, src/compliance/rules/work-profile.ts).

function factsOf(plain: Partial<FactValues>): Facts {
  const facts = Object.entries(plain).map(([name, value]) => [
    name,
    { value, trust: 'managed', source: 'report', at: 0 },
  ])
  return Object.fromEntries(facts)
}

function rule<K extends keyof ComplianceSettings>(
  setting: K,
  required: ComplianceSettings[K],
  plain: Partial<FactValues>,
  platform: Platform = 'iOS',
): Ruling {
  const check = ruleOf(setting).criterion.compile(required, termsOf(platform))
  return check({ facts: factsOf(plain), lastReportAt: undefined }, 0)
}

describe('what rules say', () => {
  it('F07 a forbidden app is named, by identifier or by name', () => {
    const apps = [{ name: 'Sideloader', appId: 'com.example.side' }, { name: 'Other' }]
    const found = (installedApps: readonly string[]) =>
      rule('restrictedApps', apps, { installedApps })
    const required = 'without Sideloader (com.example.side), Other'
    assert.deepEqual(found(['COM.example.side']), {
      says: 'fail',
      measured: 'Sideloader (com.example.side)',
      required,
    })
    assert.deepEqual(found(['mail', 'other']), { says: 'fail', measured: 'Other', required })
    assert.equal(found([]).says, 'pass')
    assert.equal(found(['constructor']).says, 'pass')
  })

  it('a report of health names what is missing of it', () => {
    const healthy = { bitLockerEnabled: true, codeIntegrityEnabled: true, secureBootEnabled: true }
    const said = (facts: Partial<FactValues>) =>
      rule('requireHealthyDeviceReport', true, { ...healthy, ...facts }, 'windows')
    assert.equal(said({}).says, 'notReported')
    assert.equal(said({ earlyLaunchAntimalwareEnabled: true }).says, 'pass')
    assert.deepEqual(said({ bitLockerEnabled: false }), {
      says: 'fail',
      measured: 'bitLockerEnabled = false',
      required: true,
    })
  })

  it('0 days until a password expires is never, which is more than any number', () => {
    const said = (passwordExpirationDays: number) =>
      rule('passwordExpirationDays', 90, { passwordExpirationDays }).says
    assert.deepEqual([said(0), said(1), said(90), said(91)], ['fail', 'pass', 'pass', 'fail'])
  })

  it('the kinds of password stand in one order, whatever they are called', () => {
    const said = (required: ComplianceSettings['passwordRequiredType'], passwordType: string) =>
      rule('passwordRequiredType', required, { passwordType } as Partial<FactValues>, 'android')
        .says
    assert.equal(said('atLeastAlphanumeric', 'alphanumericWithSymbols'), 'pass')
    assert.equal(said('alphanumeric', 'alphabetic'), 'fail')
    assert.equal(said('required', 'lowSecurityBiometric'), 'pass')
    assert.equal(said('required', 'none'), 'fail')
    assert.equal(said('numeric', 'swipe'), 'error')
  })

  it('a distribution is judged by its name and by its version', () => {
    const allowed = [
      { name: 'Ubuntu', minimumVersion: '22.04', maximumVersion: '24.04' },
      { name: 'debian' },
    ]
    const said = (linuxDistribution: string, osVersion?: string) =>
      rule(
        'allowedDistributions',
        allowed,
        { linuxDistribution, ...(osVersion && { osVersion }) },
        'linux',
      ).says
    assert.equal(said('ubuntu', '22.04'), 'pass')
    assert.equal(said('ubuntu', '24.10'), 'fail')
    assert.equal(said('ubuntu', 'noble'), 'error')
    assert.equal(said('ubuntu'), 'notReported')
    assert.equal(said('debian'), 'pass')
    assert.equal(said('arch', '1'), 'fail')
  })

  it('no distribution below Windows is in order, an unknown one is not', () => {
    const said = (wslDistributions: readonly string[]) =>
      rule('wslDistributions', [{ name: 'Ubuntu', minimumVersion: '22.04' }], { wslDistributions })
    assert.equal(said([]).says, 'pass')
    assert.equal(said(['ubuntu 22.04']).says, 'pass')
    assert.equal(said(['ubuntu 22.04', 'kali 2026.1']).says, 'fail')
    assert.equal(said(['ubuntu']).says, 'fail')
  })

  it('F06 the 8.1 trap of Windows is told with the finding', () => {
    const said = rule('osMinimumVersion', '8.1', { osVersion: '6.3.9600' }, 'windows')
    assert.deepEqual(said, {
      says: 'fail',
      measured: '6.3.9600',
      required: '8.1',
      hint: 'windows81Reports63',
    })
  })

  it('knows which of two demands is stricter', () => {
    const stricter = <K extends keyof ComplianceSettings>(
      setting: K,
      a: ComplianceSettings[K],
      b: ComplianceSettings[K],
    ) => ruleOf(setting).criterion.compare(a, b, termsOf('iOS')) > 0
    assert.ok(stricter('passwordMinimumLength', 8, 6))
    assert.ok(stricter('passwordExpirationDays', 30, 90))
    assert.ok(stricter('osMinimumVersion', '17.10', '17.9'))
    assert.ok(stricter('osMaximumVersion', '17.9', '17.10'))
    assert.ok(stricter('passwordRequiredType', 'alphanumeric', 'atLeastNumeric'))
    assert.ok(stricter('deviceThreatProtectionRequiredSecurityLevel', 'secured', 'low'))
    assert.ok(!stricter('passwordMinimumLength', 6, 6))
  })
})
