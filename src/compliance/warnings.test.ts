import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { policyOf } from '../../test/fake/judging-rooms.ts'
import type { CompliancePolicy } from './policy.ts'
import { policyWarnings } from './warnings.ts'

const codes = (settings: CompliancePolicy['settings'], rest: Partial<CompliancePolicy>) =>
  policyWarnings(policyOf(settings, rest)).map(({ setting, code }) => `${setting} ${code}`)

describe('warnings about policies', () => {
  it('F06 an 8.1 rule for Windows is warned of', () => {
    const platform = 'windows'
    assert.deepEqual(codes({ osMinimumVersion: '8.1' }, { platform }), [
      'osMinimumVersion windows81Reports63',
    ])
    assert.deepEqual(codes({ osMaximumVersion: '8.1' }, { platform: 'all' }), [
      'osMaximumVersion windows81Reports63',
    ])
    assert.deepEqual(codes({ osMinimumVersion: '6.3' }, { platform }), [])
    assert.deepEqual(codes({ osMinimumVersion: '8.1' }, { platform: 'android' }), [])
    assert.deepEqual(codes({ osMinimumVersion: '22631.4249' }, { platform }), [
      'osMinimumVersion windowsBuildAlone',
    ])
  })

  it('so is what nothing can meet, and what says nothing', () => {
    assert.deepEqual(
      codes({ osMinimumVersion: '17.4', osMaximumVersion: '17.3' }, { platform: 'iOS' }),
      ['osMaximumVersion unmeetable'],
    )
    assert.deepEqual(codes({ tpmRequired: true }, { platform: 'iOS' }), [
      'tpmRequired notOnPlatform',
    ])
    assert.deepEqual(
      codes(
        { passwordRequiredType: 'numeric' },
        { platform: 'android', type: 'androidDeviceOwnerCompliancePolicy' },
      ),
      ['passwordRequiredType noEffect'],
    )
    assert.deepEqual(
      codes({}, { unsupported: [{ setting: 'script', reason: 'it would have to run' }] }),
      ['script notEvaluated'],
    )
  })

  it('and the known traps of passwords and threat levels', () => {
    assert.deepEqual(codes({ passwordMinimumLength: 6 }, { platform: 'android' }), [
      'passwordMinimumLength passwordTypeUnset',
    ])
    assert.deepEqual(
      codes(
        { passwordMinimumLength: 9, passwordMinimumCharacterSetCount: 3 },
        { platform: 'windows' },
      ),
      [
        'passwordMinimumLength microsoftAccount',
        'passwordMinimumCharacterSetCount microsoftAccount',
      ],
    )
    const level = { deviceThreatProtectionRequiredSecurityLevel: 'low' } as const
    const type = 'iosCompliancePolicy'
    assert.deepEqual(codes(level, { platform: 'iOS', type }), [
      'deviceThreatProtectionRequiredSecurityLevel threatLevelCounts',
    ])
    assert.deepEqual(
      codes({ ...level, deviceThreatProtectionEnabled: true }, { platform: 'iOS', type }),
      [],
    )
  })
})
