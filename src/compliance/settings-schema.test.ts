import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asSettings, settingsProblem } from './settings-schema.ts'

describe('settings as somebody writes them', () => {
  it('come back as they were given', () => {
    const settings = {
      passwordMinimumLength: 6,
      osMinimumVersion: '13.3.1 (a)',
      validOperatingSystemBuildRanges: [{ lowestVersion: '10.0.1', highestVersion: '10.0.2' }],
      restrictedApps: [{ appId: 'com.example.app' }],
    }
    assert.deepEqual(asSettings(settings), settings)
  })

  const wrong: readonly [problem: RegExp, settings: unknown][] = [
    [/nrecognized.*pasword/, { pasword: true }],
    [/passwordRequired/, { passwordRequired: 'yes' }],
    [/passwordMinimumLength/, { passwordMinimumLength: 0 }],
    [/passwordMinimumLength/, { passwordMinimumLength: 6.5 }],
    [/passwordRequiredType/, { passwordRequiredType: 'deviceDefault' }],
    [/osMinimumVersion.*no version/, { osMinimumVersion: '17,4' }],
    [/osMinimumBuildVersion.*no build/, { osMinimumBuildVersion: '17.4' }],
    [/restrictedApps/, { restrictedApps: [] }],
    [/neither appId nor name/, { restrictedApps: [{ publisher: 'X' }] }],
    [
      /begins after it ends/,
      { validOperatingSystemBuildRanges: [{ lowestVersion: '2', highestVersion: '1' }] },
    ],
    [/__proto__|nrecognized/, JSON.parse('{"__proto__":{"passwordRequired":true}}')],
  ]
  for (const [problem, settings] of wrong)
    it(`refuses ${JSON.stringify(settings)}`, () => {
      assert.match(settingsProblem(settings) ?? 'nothing', problem)
    })

  it('F06 refuses a day that does not exist', () => {
    for (const day of ['2016-5-1', '2016-13-01', '2016-02-30', '2015-02-29', '01.05.2016', ''])
      assert.match(settingsProblem({ minAndroidSecurityPatchLevel: day }) ?? '', /PatchLevel/)
    assert.equal(settingsProblem({ minAndroidSecurityPatchLevel: '2016-02-29' }), undefined)
  })
})
