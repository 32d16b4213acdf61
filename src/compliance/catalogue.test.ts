import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { settingCases } from '../../test/judge-cases.ts'
import { factNames } from '../devices/facts.ts'
import { rulesCatalogue } from './catalogue.ts'
import { policyTypes } from './policy-types.ts'
import { editions } from './rules/edition.ts'
import { isSettingName } from './rules/registry.ts'

// Also holds src/compliance/rules/fact-sources.ts: what the catalogue says of facts stands there.

const entries = rulesCatalogue()
const entry = (name: string) =>
  entries.find((one) => one.name === name) ?? assert.fail(`no setting ${name}`)

/** As much of a case as is looked at here. */
interface SettingCase {
  readonly policies: readonly { readonly settings: object }[]
  readonly steps: readonly {
    readonly expect: {
      readonly state: string
      readonly findings: readonly string[]
      readonly remediated: readonly string[]
    }
  }[]
}

/** A setting's class by edition, as the published tables of compliance settings have it. */
const remediatedExceptAndroid = {
  iOS: 'remediated',
  macOS: 'remediated',
  android: 'quarantined',
  windows: 'remediated',
  windows81: 'remediated',
  windows10Mobile: 'remediated',
  windowsPhone: 'remediated',
}
const quarantinedEverywhere = {
  iOS: 'quarantined',
  macOS: 'quarantined',
  android: 'quarantined',
  windows: 'quarantined',
  windows81: 'quarantined',
  windows10Mobile: 'quarantined',
  windowsPhone: 'quarantined',
}
const nowhere = {
  iOS: 'notApplicable',
  macOS: 'notApplicable',
  android: 'notApplicable',
  windows: 'notApplicable',
  windows81: 'notApplicable',
  windows10Mobile: 'notApplicable',
  windowsPhone: 'notApplicable',
  linux: 'notApplicable',
}
const classes: Record<string, Record<string, string>> = {
  passwordRequired: remediatedExceptAndroid,
  passwordMinimumLength: remediatedExceptAndroid,
  passwordRequiredType: remediatedExceptAndroid,
  passwordMinimumLowerCaseCharacters: { ...nowhere, android: 'quarantined', linux: 'quarantined' },
  storageRequireEncryption: {
    iOS: 'remediated',
    macOS: 'quarantined',
    android: 'quarantined',
    windows: 'quarantined',
    windows81: 'notApplicable',
    windows10Mobile: 'remediated',
    windowsPhone: 'remediated',
    linux: 'quarantined',
  },
  securityBlockJailbrokenDevices: { ...nowhere, iOS: 'quarantined', android: 'quarantined' },
  managedEmailProfileRequired: { ...nowhere, iOS: 'quarantined', macOS: 'quarantined' },
  osMinimumVersion: quarantinedEverywhere,
  osMaximumVersion: quarantinedEverywhere,
  allowedDistributions: { ...nowhere, linux: 'quarantined' },
  requireHealthyDeviceReport: {
    ...nowhere,
    windows: 'quarantined',
    windows10Mobile: 'quarantined',
  },
  restrictedApps: { ...nowhere, iOS: 'quarantined', android: 'quarantined' },
}

describe('the catalogue of settings', () => {
  it('F09 has the documented class of each setting on each platform', () => {
    for (const [name, wanted] of Object.entries(classes))
      for (const [edition, own] of Object.entries(wanted))
        assert.equal(entry(name).classes[edition], own, `${name} on ${edition}`)
  })

  it('F04 names every rule of the wizard, with its default', () => {
    const wizard = [
      'passwordRequired',
      'passwordRequiredToUnlockFromIdle',
      'passwordMinutesOfInactivityBeforeLock',
      'automaticUpdatesRequired',
      'passwordBlockSimple',
      'passwordMinimumLength',
      'passwordRequiredType',
      'passwordMinimumCharacterSetCount',
      'storageRequireEncryption',
      'securityBlockJailbrokenDevices',
      'managedEmailProfileRequired',
      'osMinimumVersion',
      'osMaximumVersion',
      'requireHealthyDeviceReport',
      'restrictedApps',
      'securityDisableUsbDebugging',
      'securityPreventInstallAppsFromUnknownSources',
      'securityRequireVerifyApps',
      'deviceRegistrationRequired',
      'maximumUpdateDelayDays',
      'bitLockerEnabled',
      'antivirusRequired',
    ]
    for (const name of wizard) assert.equal(entry(name).default, 'notConfigured', name)
    assert.equal(entry('isActive').default, 30)
  })

  it('F05 spells every property as its type of policy does', () => {
    const spelled = (name: string, type: keyof typeof policyTypes) => entry(name).properties[type]
    assert.equal(spelled('passwordRequired', 'iosCompliancePolicy'), 'passcodeRequired')
    assert.equal(spelled('passwordRequired', 'windows81CompliancePolicy'), 'passwordRequired')
    assert.equal(spelled('firewallEnabled', 'windows10CompliancePolicy'), 'activeFirewallRequired')
    assert.equal(
      spelled('passwordPreviousPasswordBlockCount', 'androidDeviceOwnerCompliancePolicy'),
      'passwordPreviousPasswordCountToBlock',
    )
    for (const type of Object.keys(policyTypes)) {
      const names = entries.flatMap(({ properties }) =>
        Object.entries(properties).flatMap(([each, name]) => (each === type ? [name] : [])),
      )
      assert.equal(new Set(names).size, names.length, `${type} has one property twice`)
    }
  })

  it('knows a source for every fact that a rule reads', () => {
    const facts = entries.flatMap((one) => one.facts)
    for (const { name, sources } of facts) {
      assert.ok(factNames.includes(name))
      assert.equal(sources.report, `facts.${name}`)
    }
    assert.equal(entry('osMinimumVersion').facts[0]?.sources.windows, 'DevDetail/SwV')
    assert.deepEqual(entry('requireHealthyDeviceReport').facts.length, 4)
  })

  it('is plain data', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(entries)), entries)
  })

  it('F04 F05 every setting has a device that meets it and one that does not, on each platform that it is for', () => {
    for (const edition of editions) {
      const path = `../../test/cases/judge-settings-${edition.toLowerCase()}.json`
      const { cases } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
        cases: readonly SettingCase[]
      } // written by judge-cases.ts
      for (const { name, classes } of entries) {
        const demanding = cases.filter(({ policies }) =>
          policies.some(({ settings }) => name in settings),
        )
        const own = classes[edition]
        // The pseudo-settings of the site stand in no policy.
        if (own === 'notApplicable' || !isSettingName(name)) {
          assert.deepEqual(demanding, [], `${name} on ${edition}`)
          continue
        }
        const outcomes = demanding.flatMap(({ steps }) => steps.map(({ expect }) => expect))
        const some = (state: string, list: 'findings' | 'remediated', names: readonly string[]) =>
          outcomes.some((one) => one.state === state && isDeepStrictEqual(one[list], names))
        const seen = {
          passes: some('compliant', 'findings', []),
          fails: some('noncompliant', 'findings', [name]),
          forced: some('compliant', 'remediated', [name]),
        }
        const forced = own === 'remediated'
        assert.deepEqual(seen, { passes: true, fails: true, forced }, `${name} on ${edition}`)
      }
    }
  })

  it('its cases are written out', () => {
    for (const [path, text] of settingCases())
      assert.equal(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), text)
  })
})
