import type { FactName } from '../../devices/facts.ts'

/** A way in which facts arrive. `report` (the signed device-state API) can tell every fact, so it stands in no row. */
export type Channel = 'eas' | 'apple' | 'windows' | 'osquery' | 'android'

/** Where a channel finds a fact: key, node or table of its protocol. A channel that is missing cannot tell it. */
export type Sources = { readonly [C in Channel]?: string }

const lock = (node: string) => `Policy/Result/DeviceLock/${node}`
const applied = (field: string) => `appliedPasswordPolicies.${field}`

/**
 * Sources by fact: MS-ASPROV and MS-ASCMD for EAS, Apple's MDM commands and declarative status, Microsoft's DDF nodes,
 * osquery's tables, and the device resource of the Android Management API.
 */
export const factSources: { readonly [N in FactName]?: Sources } = {
  platform: { eas: 'DeviceType, User-Agent', osquery: 'os_version.platform' },
  osVersion: {
    eas: 'Settings:OS',
    apple: 'DeviceInformation.OSVersion, SupplementalOSVersionExtra',
    windows: 'DevDetail/SwV',
    osquery: 'os_version.version',
    android: 'softwareInfo.androidVersion',
  },
  osBuild: {
    apple: 'DeviceInformation.BuildVersion, SupplementalBuildVersion',
    osquery: 'os_version.build',
    android: 'softwareInfo.androidBuildNumber',
  },
  linuxDistribution: { osquery: 'os_version.platform' },
  securityPatchLevel: { android: 'softwareInfo.securityPatchLevel' },
  jailbroken: { android: 'securityPosture: COMPROMISED_OS' },
  managedEmailProfile: {
    eas: 'DeviceId equals the assigned one',
    apple: 'ProfileList holds our account, or account.list.exchange',
    windows: 'ActiveSync/Accounts/{our GUID}',
    android: 'managed configuration of the mail app',
  },
  registered: { windows: 'DMClient/Provider/{id}/AADDeviceID' },
  androidManagement: { android: 'managementMode, ownership' },
  passwordRequired: {
    eas: 'Provision DevicePasswordEnabled, acknowledged',
    apple: 'SecurityInfo.PasscodePresent, passcode.is-present',
    windows: `${lock('DevicePasswordEnabled')} = 0`,
    osquery: 'screenlock.enabled, shadow',
    android: 'deviceSettings.isDeviceSecure',
  },
  passwordSimpleAllowed: {
    eas: 'AllowSimpleDevicePassword',
    apple: 'allowSimple of the passcode profile, and PasscodeCompliant',
    windows: lock('AllowSimpleDevicePassword'),
  },
  passwordType: {
    eas: 'AlphanumericDevicePasswordRequired',
    apple: 'requireAlphanumeric, and PasscodeCompliant',
    windows: lock('AlphanumericDevicePasswordRequired'),
    osquery: 'security_profile_info.password_complexity',
    android: applied('passwordQuality'),
  },
  passwordComplexity: { android: applied('passwordQuality') },
  passwordMinimumLength: {
    eas: 'MinDevicePasswordLength',
    apple: 'minLength, and PasscodeCompliantWithProfiles',
    windows: lock('MinDevicePasswordLength'),
    osquery: 'security_profile_info.minimum_password_length, pwquality',
    android: applied('passwordMinimumLength'),
  },
  passwordCharacterSets: {
    eas: 'MinDevicePasswordComplexCharacters',
    apple: 'minComplexChars, and PasscodeCompliant',
    windows: lock('MinDevicePasswordComplexCharacters'),
  },
  passwordMinimumLetters: { android: applied('passwordMinimumLetters') },
  passwordMinimumLowerCase: { osquery: 'pwquality', android: applied('passwordMinimumLowerCase') },
  passwordMinimumUpperCase: { osquery: 'pwquality', android: applied('passwordMinimumUpperCase') },
  passwordMinimumNonLetters: { android: applied('passwordMinimumNonLetter') },
  passwordMinimumDigits: { osquery: 'pwquality', android: applied('passwordMinimumNumeric') },
  passwordMinimumSymbols: { osquery: 'pwquality', android: applied('passwordMinimumSymbols') },
  passwordLockMinutes: {
    eas: 'MaxInactivityTimeDeviceLock',
    apple: 'maxInactivity of the passcode profile',
    windows: lock('MaxInactivityTimeDeviceLock'),
    osquery: 'screenlock.grace_period',
    android: 'maximumTimeToLock',
  },
  passwordLockGraceMinutes: { apple: 'maxGracePeriod of the passcode profile' },
  passwordExpirationDays: {
    eas: 'DevicePasswordExpiration',
    apple: 'maxPINAgeInDays',
    windows: lock('DevicePasswordExpiration'),
    osquery: 'security_profile_info.maximum_password_age',
    android: applied('passwordExpirationTimeout'),
  },
  passwordHistory: {
    eas: 'DevicePasswordHistory',
    apple: 'pinHistory',
    windows: lock('DevicePasswordHistory'),
    osquery: 'security_profile_info.password_history_size',
    android: applied('passwordHistoryLength'),
  },
  passwordMaximumFailures: {
    eas: 'MaxDevicePasswordFailedAttempts',
    apple: 'maxFailedAttempts',
    windows: lock('MaxDevicePasswordFailedAttempts'),
    osquery: 'security_profile_info.lockout_bad_count',
    android: applied('maximumFailedPasswordsForWipe'),
  },
  storageEncrypted: {
    eas: 'Provision RequireDeviceEncryption, acknowledged',
    apple: 'SecurityInfo.HardwareEncryptionCaps = 3 with PasscodePresent; FDE_Enabled',
    windows: 'DeviceStatus/Compliance/EncryptionCompliance = 1',
    osquery: 'disk_encryption.encrypted',
    android: 'deviceSettings.isEncrypted',
  },
  bitLockerEnabled: {
    windows: 'BitLocker/Status/DeviceEncryptionStatus = 0',
    osquery: 'bitlocker_info.protection_status = 1',
  },
  secureBootEnabled: {
    windows: 'DeviceStatus/SecureBootState = 1',
    osquery: 'secureboot.secure_boot = 1',
  },
  codeIntegrityEnabled: {
    windows: 'DeviceStatus/DeviceGuard/HypervisorEnforcedCodeIntegrityStatus = 0',
  },
  memoryIntegrityEnabled: {
    windows: 'DeviceStatus/DeviceGuard/HypervisorEnforcedCodeIntegrityStatus = 0',
  },
  virtualizationBasedSecurityEnabled: {
    windows: 'DeviceStatus/DeviceGuard/VirtualizationBasedSecurityStatus = 0',
  },
  firmwareProtectionEnabled: { windows: 'DeviceStatus/DeviceGuard/SystemGuardStatus = 0' },
  tpmPresent: { windows: 'DeviceStatus/TPM/SpecificationVersion', osquery: 'tpm_info.activated' },
  systemIntegrityProtectionEnabled: {
    apple: 'SecurityInfo.SystemIntegrityProtectionEnabled',
    osquery: 'sip_config',
  },
  gatekeeperAppSource: { osquery: 'gatekeeper' },
  firewallEnabled: {
    apple: 'SecurityInfo.FirewallSettings.FirewallEnabled',
    windows: 'DeviceStatus/Firewall/Status = 0',
    osquery: 'alf.global_state, windows_security_center.firewall',
  },
  firewallBlocksIncoming: {
    apple: 'SecurityInfo.FirewallSettings.BlockAllIncoming',
    osquery: 'alf.global_state = 2',
  },
  firewallStealthMode: {
    apple: 'SecurityInfo.FirewallSettings.StealthMode',
    osquery: 'alf.stealth_enabled',
  },
  antivirusEnabled: {
    windows: 'DeviceStatus/Antivirus/Status = 0',
    osquery: 'windows_security_center.antivirus',
  },
  antivirusSignaturesCurrent: {
    windows: 'DeviceStatus/Antivirus/SignatureStatus = 1',
    osquery: 'windows_security_products.signatures_up_to_date',
  },
  antispywareEnabled: { windows: 'DeviceStatus/Antispyware/Status = 0' },
  realTimeProtectionEnabled: { windows: 'Defender/Health/RtpEnabled' },
  defenderEnabled: { windows: 'Defender/Health/DefenderEnabled' },
  defenderVersion: { windows: 'Defender/Health/DefenderVersion' },
  automaticUpdates: { osquery: 'windows_security_center.autoupdate' },
  systemUpdatePending: { android: 'systemUpdateInfo.updateStatus' },
  usbDebuggingEnabled: { android: 'deviceSettings.adbEnabled' },
  unknownSourcesAllowed: {
    eas: 'AllowUnsignedApplications',
    android: 'deviceSettings.unknownSourcesEnabled',
  },
  verifyAppsEnabled: { android: 'deviceSettings.verifyAppsEnabled' },
  attestationBasicIntegrity: { android: 'securityPosture' },
  attestationCertifiedDevice: { android: 'securityPosture' },
  installedApps: {
    apple: 'InstalledApplicationList',
    osquery: 'apps, programs, deb_packages',
    android: 'applicationReports',
  },
}
