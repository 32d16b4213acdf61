import type { FactName } from '../../devices/facts.ts'
import { allOf, mustBe, own, pass } from './criteria.ts'
import type { Classes, Criterion, Rule, Ruling } from './rule.ts'
import {
  androidTypes,
  choice,
  flag,
  ownedAndroidTypes,
  quarantinedOn,
  spread,
  userAndroidTypes,
} from './spread.ts'

const attested = ['windows10CompliancePolicy', 'windows10MobileCompliancePolicy'] as const
/** Windows proves its health since version 10; 8.1 cannot. */
const windowsHealth: Classes = quarantinedOn('windows', 'windows10Mobile')
const android = quarantinedOn('android')
const notAosp = [...userAndroidTypes, ownedAndroidTypes[0]] as const
const safetyNet = [
  'securityRequireSafetyNetAttestationBasicIntegrity',
  'securityRequireSafetyNetAttestationCertifiedDevice',
] as const

type Fact = Parameters<typeof mustBe>[0]

/** Something of Windows that must be on, attested or reported. */
function windowsSwitch(
  title: string,
  fact: Fact,
  property: string,
  types: readonly ('windows10CompliancePolicy' | 'windows10MobileCompliancePolicy')[] = [
    'windows10CompliancePolicy',
  ],
): Rule<boolean> {
  return {
    title,
    value: flag,
    criterion: mustBe(fact, true),
    classes: types.length > 1 ? windowsHealth : quarantinedOn('windows'),
    properties: spread(property, types),
    fix: 'enableBootSecurity',
  }
}

function attestation(title: string, fact: Fact, property: string): Rule<boolean> {
  return {
    title,
    value: flag,
    criterion: mustBe(fact, true),
    classes: android,
    properties: spread(property, notAosp),
    fix: 'restoreSystem',
  }
}

const hardwareBacked = mustBe('attestationHardwareBacked', true)

/** `basic` demands nothing more than the attestation itself. */
const evaluationType: Criterion<string> = {
  facts: hardwareBacked.facts,
  kind: 'hardwareBacked',
  compare: (a, b) => Number(a === 'hardwareBacked') - Number(b === 'hardwareBacked'),
  compile: (required, terms) =>
    required === 'hardwareBacked' ? hardwareBacked.compile(true, terms) : () => pass,
  show: (required) => required,
}

const management = 'androidManagement' satisfies FactName
const unmanaged: Ruling = { says: 'notReported', required: 'other than deviceAdministrator' }

/** That the device is what its maker made, and started as its maker meant it to. */
export const deviceHealthRules = {
  securityBlockJailbrokenDevices: {
    title: 'Block jailbroken or rooted devices',
    value: flag,
    criterion: mustBe('jailbroken', false),
    classes: quarantinedOn('iOS', 'android'),
    properties: spread('securityBlockJailbrokenDevices', ['iosCompliancePolicy', ...androidTypes]),
    fix: 'restoreSystem',
  },
  securityBlockDeviceAdministratorManagedDevices: {
    title: 'Block devices managed by a device administrator',
    value: flag,
    criterion: own([management], 'isNot', ({ facts }) => {
      const known = facts[management]
      if (!known) return unmanaged
      return known.value === 'deviceAdministrator'
        ? { says: 'fail', measured: known.value, required: unmanaged.required }
        : pass
    }),
    classes: android,
    properties: {
      androidCompliancePolicy: 'securityBlockDeviceAdministratorManagedDevices',
    },
    fix: 'askAdministrator',
  },
  requireHealthyDeviceReport: {
    title: 'Require the device to be reported as healthy',
    value: flag,
    criterion: allOf([
      'bitLockerEnabled',
      'codeIntegrityEnabled',
      'secureBootEnabled',
      'earlyLaunchAntimalwareEnabled',
    ]),
    classes: windowsHealth,
    properties: { windows10CompliancePolicy: 'requireHealthyDeviceReport' },
    fix: 'enableBootSecurity',
  },
  secureBootEnabled: windowsSwitch(
    'Require Secure Boot',
    'secureBootEnabled',
    'secureBootEnabled',
    attested,
  ),
  codeIntegrityEnabled: windowsSwitch(
    'Require code integrity',
    'codeIntegrityEnabled',
    'codeIntegrityEnabled',
    attested,
  ),
  earlyLaunchAntiMalwareDriverEnabled: windowsSwitch(
    'Require the early launch antimalware driver',
    'earlyLaunchAntimalwareEnabled',
    'earlyLaunchAntiMalwareDriverEnabled',
    attested,
  ),
  memoryIntegrityEnabled: windowsSwitch(
    'Require memory integrity',
    'memoryIntegrityEnabled',
    'memoryIntegrityEnabled',
  ),
  kernelDmaProtectionEnabled: windowsSwitch(
    'Require kernel DMA protection',
    'kernelDmaProtectionEnabled',
    'kernelDmaProtectionEnabled',
  ),
  virtualizationBasedSecurityEnabled: windowsSwitch(
    'Require virtualization-based security',
    'virtualizationBasedSecurityEnabled',
    'virtualizationBasedSecurityEnabled',
  ),
  firmwareProtectionEnabled: windowsSwitch(
    'Require firmware protection',
    'firmwareProtectionEnabled',
    'firmwareProtectionEnabled',
  ),
  tpmRequired: windowsSwitch('Require a Trusted Platform Module', 'tpmPresent', 'tpmRequired'),
  systemIntegrityProtectionEnabled: {
    title: 'Require System Integrity Protection',
    value: flag,
    criterion: mustBe('systemIntegrityProtectionEnabled', true),
    classes: quarantinedOn('macOS'),
    properties: { macOSCompliancePolicy: 'systemIntegrityProtectionEnabled' },
    fix: 'enableSystemProtection',
  },
  securityRequireSafetyNetAttestationBasicIntegrity: attestation(
    'Require Play Integrity: basic integrity',
    'attestationBasicIntegrity',
    safetyNet[0],
  ),
  securityRequireSafetyNetAttestationCertifiedDevice: attestation(
    'Require Play Integrity: certified device',
    'attestationCertifiedDevice',
    safetyNet[1],
  ),
  securityRequiredAndroidSafetyNetEvaluationType: {
    title: 'Require Play Integrity to be backed by hardware',
    value: choice(['basic', 'hardwareBacked'], ''),
    criterion: evaluationType,
    classes: android,
    properties: spread('securityRequiredAndroidSafetyNetEvaluationType', [
      'androidWorkProfileCompliancePolicy',
      'androidDeviceOwnerCompliancePolicy',
    ]),
    // It says how, not whether.
    needs: { types: notAosp, settings: safetyNet },
    fix: 'restoreSystem',
  },
  securityRequireCompanyPortalAppIntegrity: {
    title: 'Require the management app to be genuine and in order',
    value: flag,
    criterion: mustBe('portalAppIntact', true),
    classes: android,
    properties: spread('securityRequireCompanyPortalAppIntegrity', userAndroidTypes, {
      androidDeviceOwnerCompliancePolicy: 'securityRequireIntuneAppIntegrity',
    }),
    fix: 'repairManagementApp',
  },
} as const satisfies Record<string, Rule<never>>
