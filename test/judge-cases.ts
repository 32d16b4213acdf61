import { writeFile } from 'node:fs/promises'
import type { FactValues } from '../src/devices/facts.ts'
import { type Edition, editions } from '../src/compliance/rules/edition.ts'
import { ruleOf, settingNames } from '../src/compliance/rules/registry.ts'
import type { ComplianceSettings } from '../src/compliance/settings.ts'

// What is demanded, and by which facts a device meets it and does not. Written by hand, never taken from a judgement.

type PlainFacts = Partial<FactValues>
type Sample<R> = readonly [required: R, meets: PlainFacts, fails: PlainFacts]
type Samples = { readonly [K in keyof ComplianceSettings]-?: Sample<ComplianceSettings[K]> }

type FlagFact = {
  [K in keyof FactValues]: FactValues[K] extends boolean ? K : never
}[keyof FactValues]
type CountFact = {
  [K in keyof FactValues]: FactValues[K] extends number ? K : never
}[keyof FactValues]

const on = (fact: FlagFact): Sample<true> => [true, { [fact]: true }, { [fact]: false }]
const off = (fact: FlagFact): Sample<true> => [true, { [fact]: false }, { [fact]: true }]
const least = (fact: CountFact, number: number): Sample<number> => [
  number,
  { [fact]: number },
  { [fact]: number - 1 },
]
const most = (fact: CountFact, number: number): Sample<number> => [
  number,
  { [fact]: number },
  { [fact]: number + 1 },
]

const ubuntu = [{ name: 'ubuntu', minimumVersion: '22.04', maximumVersion: '24.04' }]
const healthy = {
  bitLockerEnabled: true,
  codeIntegrityEnabled: true,
  secureBootEnabled: true,
  earlyLaunchAntimalwareEnabled: true,
}

const samples: Samples = {
  passwordRequired: on('passwordRequired'),
  passwordBlockSimple: off('passwordSimpleAllowed'),
  passwordMinimumLength: least('passwordMinimumLength', 6),
  passwordRequiredType: [
    'numericComplex',
    { passwordType: 'alphanumeric' },
    { passwordType: 'numeric' },
  ],
  requiredPasswordComplexity: [
    'medium',
    { passwordComplexity: 'high' },
    { passwordComplexity: 'low' },
  ],
  passwordMinimumCharacterSetCount: least('passwordCharacterSets', 2),
  passwordMinimumLetterCharacters: least('passwordMinimumLetters', 2),
  passwordMinimumLowerCaseCharacters: least('passwordMinimumLowerCase', 2),
  passwordMinimumUpperCaseCharacters: least('passwordMinimumUpperCase', 2),
  passwordMinimumNonLetterCharacters: least('passwordMinimumNonLetters', 2),
  passwordMinimumNumericCharacters: least('passwordMinimumDigits', 2),
  passwordMinimumSymbolCharacters: least('passwordMinimumSymbols', 2),
  passwordMinutesOfInactivityBeforeLock: most('passwordLockMinutes', 5),
  passwordMinutesAfterScreenLock: most('passwordLockGraceMinutes', 1),
  passwordExpirationDays: [90, { passwordExpirationDays: 90 }, { passwordExpirationDays: 0 }],
  passwordPreviousPasswordBlockCount: least('passwordHistory', 5),
  passwordSignInFailureCountBeforeFactoryReset: most('passwordMaximumFailures', 10),
  passwordRequiredToUnlockFromIdle: on('passwordRequiredOnIdleReturn'),

  workProfileRequirePassword: on('workProfilePasswordRequired'),
  workProfilePasswordRequiredType: [
    'atLeastNumeric',
    { workProfilePasswordType: 'numeric' },
    { workProfilePasswordType: 'lowSecurityBiometric' },
  ],
  workProfileRequiredPasswordComplexity: [
    'high',
    { workProfilePasswordComplexity: 'high' },
    { workProfilePasswordComplexity: 'medium' },
  ],
  workProfilePasswordMinimumLength: least('workProfilePasswordMinimumLength', 6),
  workProfileInactiveBeforeScreenLockInMinutes: most('workProfileLockMinutes', 15),
  workProfilePasswordExpirationInDays: most('workProfilePasswordExpirationDays', 90),
  workProfilePreviousPasswordBlockCount: least('workProfilePasswordHistory', 5),

  storageRequireEncryption: on('storageEncrypted'),
  bitLockerEnabled: on('bitLockerEnabled'),

  osMinimumVersion: ['17.4', { osVersion: '17.4.1' }, { osVersion: '17.3.9' }],
  osMaximumVersion: ['17.4', { osVersion: '17.4' }, { osVersion: '17.4.1' }],
  osMinimumBuildVersion: ['21F79', { osBuild: '21F90' }, { osBuild: '21E236' }],
  osMaximumBuildVersion: ['21F79', { osBuild: '21F79' }, { osBuild: '22A3354' }],
  mobileOsMinimumVersion: [
    '10.0.15063',
    { osVersion: '10.0.15254.603' },
    { osVersion: '10.0.14393.0' },
  ],
  mobileOsMaximumVersion: [
    '10.0.15254',
    { osVersion: '10.0.15063.0' },
    { osVersion: '10.0.15255.0' },
  ],
  validOperatingSystemBuildRanges: [
    [
      { lowestVersion: '10.0.19045.1', highestVersion: '10.0.19045.9999' },
      { lowestVersion: '10.0.22631.1', highestVersion: '10.0.22631.9999' },
    ],
    { osVersion: '10.0.22631.4460' },
    { osVersion: '10.0.22000.100' },
  ],
  minAndroidSecurityPatchLevel: [
    '2016-05-01',
    { securityPatchLevel: '2016-05-01' },
    { securityPatchLevel: '2016-04-01' },
  ],
  allowedDistributions: [
    ubuntu,
    { linuxDistribution: 'ubuntu', osVersion: '22.04' },
    { linuxDistribution: 'debian', osVersion: '12' },
  ],
  wslDistributions: [
    ubuntu,
    { wslDistributions: ['Ubuntu 24.04'] },
    { wslDistributions: ['Ubuntu 20.04'] },
  ],
  automaticUpdatesRequired: [
    'important',
    { automaticUpdates: 'recommended' },
    { automaticUpdates: 'none' },
  ],
  requireNoPendingSystemUpdates: off('systemUpdatePending'),
  maximumUpdateDelayDays: most('missingUpdateDays', 7),

  securityBlockJailbrokenDevices: off('jailbroken'),
  securityBlockDeviceAdministratorManagedDevices: [
    true,
    { androidManagement: 'workProfile' },
    { androidManagement: 'deviceAdministrator' },
  ],
  requireHealthyDeviceReport: [true, healthy, { ...healthy, secureBootEnabled: false }],
  secureBootEnabled: on('secureBootEnabled'),
  codeIntegrityEnabled: on('codeIntegrityEnabled'),
  earlyLaunchAntiMalwareDriverEnabled: on('earlyLaunchAntimalwareEnabled'),
  memoryIntegrityEnabled: on('memoryIntegrityEnabled'),
  kernelDmaProtectionEnabled: on('kernelDmaProtectionEnabled'),
  virtualizationBasedSecurityEnabled: on('virtualizationBasedSecurityEnabled'),
  firmwareProtectionEnabled: on('firmwareProtectionEnabled'),
  tpmRequired: on('tpmPresent'),
  systemIntegrityProtectionEnabled: on('systemIntegrityProtectionEnabled'),
  securityRequireSafetyNetAttestationBasicIntegrity: on('attestationBasicIntegrity'),
  securityRequireSafetyNetAttestationCertifiedDevice: on('attestationCertifiedDevice'),
  securityRequiredAndroidSafetyNetEvaluationType: [
    'hardwareBacked',
    { attestationHardwareBacked: true },
    { attestationHardwareBacked: false },
  ],
  securityRequireCompanyPortalAppIntegrity: on('portalAppIntact'),

  firewallEnabled: on('firewallEnabled'),
  firewallBlockAllIncoming: on('firewallBlocksIncoming'),
  firewallEnableStealthMode: on('firewallStealthMode'),
  antivirusRequired: on('antivirusEnabled'),
  antiSpywareRequired: on('antispywareEnabled'),
  defenderEnabled: on('defenderEnabled'),
  defenderVersion: [
    '4.18.24090.11',
    { defenderVersion: '4.18.25010.5' },
    { defenderVersion: '4.18.24080.9' },
  ],
  signatureOutOfDate: on('antivirusSignaturesCurrent'),
  rtpEnabled: on('realTimeProtectionEnabled'),
  deviceThreatProtectionEnabled: [true, { riskLevel: 'high' }, {}],
  deviceThreatProtectionRequiredSecurityLevel: [
    'low',
    { threatLevel: 'secured' },
    { threatLevel: 'medium' },
  ],
  advancedThreatProtectionRequiredSecurityLevel: [
    'medium',
    { riskLevel: 'medium' },
    { riskLevel: 'high' },
  ],

  restrictedApps: [
    [{ name: 'Sideloader', appId: 'com.example.sideloader' }],
    { installedApps: ['com.example.mail'] },
    { installedApps: ['com.example.mail', 'com.example.SideLoader'] },
  ],
  gatekeeperAllowedAppSource: [
    'macAppStoreAndIdentifiedDevelopers',
    { gatekeeperAppSource: 'macAppStore' },
    { gatekeeperAppSource: 'anywhere' },
  ],
  securityPreventInstallAppsFromUnknownSources: off('unknownSourcesAllowed'),
  securityDisableUsbDebugging: off('usbDebuggingEnabled'),
  securityRequireVerifyApps: on('verifyAppsEnabled'),
  securityRequireGooglePlayServices: on('googlePlayServicesEnabled'),
  securityRequireUpToDateSecurityProviders: on('securityProvidersCurrent'),

  managedEmailProfileRequired: on('managedEmailProfile'),
  configurationManagerComplianceRequired: on('configurationManagerCompliant'),
  deviceRegistrationRequired: on('registered'),
  maximumReportAgeHours: [24, {}, {}],
}

/** Versions that make an edition what it is, and samples of version rules on it. */
const versions: Partial<Record<Edition, readonly [least: string, newer: string, older: string]>> = {
  android: ['12.0', '13', '11'],
  windows: ['10.0.17134', '10.0.22631.4460', '10.0.10586'],
  windows81: ['6.3', '6.3.9600', '6.2.9200'],
  windows10Mobile: ['10.0.15063', '10.0.15254.603', '10.0.14393'],
  windowsPhone: ['8.10', '8.10.14219', '8.0'],
  linux: ['22.04', '24.04', '20.04'],
}

const platforms: Partial<Record<Edition, string>> = {
  windows81: 'windows',
  windows10Mobile: 'windowsPhone',
}

function sampleFor(setting: keyof ComplianceSettings, edition: Edition): Sample<unknown> {
  const [least, newer, older] = versions[edition] ?? []
  if (setting === 'osMinimumVersion' && least && newer && older)
    return [least, { osVersion: newer }, { osVersion: older }]
  if (setting === 'osMaximumVersion' && least && newer && older)
    return [least, { osVersion: older }, { osVersion: newer }]
  return samples[setting]
}

/** Three devices per setting: one that meets it, one that does not, one that did not report it. */
function stepsOf(setting: keyof ComplianceSettings, edition: Edition, forced: boolean) {
  const [, meets, fails] = sampleFor(setting, edition)
  const own: PlainFacts = { model: 'X', osVersion: versions[edition]?.[1] ?? '17.4' }
  const outcome = (met: boolean) => ({
    state: met || forced ? 'compliant' : 'noncompliant',
    findings: met || forced ? [] : [setting],
    remediated: !met && forced ? [setting] : [],
  })
  if (setting === 'maximumReportAgeHours')
    return [
      { at: '+23h', facts: own, lastReportAt: '+0h', expect: outcome(true) },
      { at: '+24h', facts: own, lastReportAt: '+0h', expect: outcome(false) },
      { at: '+24h', facts: own, expect: outcome(false) },
    ]
  const read = ruleOf(setting).criterion.facts
  const { osVersion: _, ...blank } = own
  const silent = read.includes('osVersion') && !read.includes('linuxDistribution') ? blank : own
  return [
    { at: '+0h', facts: { ...own, ...meets }, expect: outcome(true) },
    { at: '+1h', facts: { ...own, ...fails }, expect: outcome(false) },
    { at: '+2h', facts: silent, expect: outcome(false) },
  ]
}

function casesOf(edition: Edition) {
  return settingNames.flatMap((setting) => {
    const own = ruleOf(setting).classes[edition]
    if (!own) return []
    const platform = platforms[edition] ?? edition
    const settings = { [setting]: sampleFor(setting, edition)[0] }
    const base = { platform, policies: [{ name: 'P', platform, settings }] }
    const told = { name: setting, ...base, steps: stepsOf(setting, edition, false) }
    if (own === 'quarantined') return [told]
    const steps = stepsOf(setting, edition, true)
    return [told, { name: `${setting}, forced by management`, ...base, forced: true, steps }]
  })
}

/** The case files by path: one per edition, one line per case. */
export function settingCases(): ReadonlyMap<string, string> {
  return new Map(
    editions.map((edition) => {
      const lines = casesOf(edition).map((one) => `    ${JSON.stringify(one)}`)
      const title = `every setting on ${edition}: met, not met, not reported`
      const head = `{\n  "feature": "F04 F05 F09",\n  "title": ${JSON.stringify(title)},\n  "cases": [\n`
      const file = `test/cases/judge-settings-${edition.toLowerCase()}.json`
      return [file, `${head}${lines.join(',\n')}\n  ]\n}\n`]
    }),
  )
}

if (import.meta.main) {
  for (const [path, text] of settingCases())
    await writeFile(new URL(`../${path}`, import.meta.url), text)
}
