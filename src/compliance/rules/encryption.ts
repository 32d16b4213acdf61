import { mustBe, pass } from './criteria.ts'
import type { Criterion, Rule } from './rule.ts'
import { flag, quarantinedOn, spread, typedTypes } from './spread.ts'

const encrypted = mustBe('storageEncrypted', true)

// iOS has no switch of its own for this: a passcode turns on the encryption of all data, and nothing reports it.
const byPasscode: Criterion<boolean> = {
  ...encrypted,
  facts: ['storageEncrypted', 'passwordRequired'],
  compile(required, terms) {
    const check = encrypted.compile(required, terms)
    if (terms.platform !== 'iOS') return check
    return (evidence, now) => {
      const { storageEncrypted, passwordRequired } = evidence.facts
      return !storageEncrypted && passwordRequired?.value ? pass : check(evidence, now)
    }
  },
}

/** That what is stored cannot be read when the device is lost. */
export const encryptionRules = {
  storageRequireEncryption: {
    title: 'Require encryption of stored data',
    value: flag,
    criterion: byPasscode,
    classes: {
      ...quarantinedOn('android', 'macOS', 'windows', 'linux'),
      iOS: 'remediated',
      windowsPhone: 'remediated',
      windows10Mobile: 'remediated',
    },
    properties: spread(
      'storageRequireEncryption',
      typedTypes.filter((type) => type !== 'iosCompliancePolicy'),
      { deviceManagementCompliancePolicy: 'linux_deviceencryption_required' },
    ),
    fix: 'encryptStorage',
  },
  bitLockerEnabled: {
    title: 'Require BitLocker',
    value: flag,
    criterion: mustBe('bitLockerEnabled', true),
    classes: quarantinedOn('windows', 'windows10Mobile'),
    properties: spread('bitLockerEnabled', [
      'windows10CompliancePolicy',
      'windows10MobileCompliancePolicy',
    ]),
    fix: 'encryptStorage',
  },
} satisfies Record<string, Rule<boolean>>
