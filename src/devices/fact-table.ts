/** What kind of value a fact has, and what it says. */
export type FactKind =
  | { readonly kind: 'text'; readonly about: string }
  | { readonly kind: 'flag'; readonly about: string }
  /** A whole number, 0 or more. */
  | { readonly kind: 'count'; readonly about: string }
  | { readonly kind: 'choice'; readonly about: string; readonly choices: readonly string[] }
  /** Texts; the same ones in another order say the same. */
  | { readonly kind: 'list'; readonly about: string }

const text = (about: string) => ({ kind: 'text', about }) as const
const flag = (about: string) => ({ kind: 'flag', about }) as const
const count = (about: string) => ({ kind: 'count', about }) as const
const list = (about: string) => ({ kind: 'list', about }) as const
const choice = <const C extends readonly string[]>(choices: C, about: string) =>
  ({ kind: 'choice', about, choices }) as const

/** Kinds of password from weakest to strongest, in Graph's spelling for Android; other platforms use some of them. */
const passwordTypes = [
  'none',
  'any',
  'lowSecurityBiometric',
  'numeric',
  'numericComplex',
  'alphabetic',
  'alphanumeric',
  'alphanumericWithSymbols',
] as const

const complexities = ['none', 'low', 'medium', 'high'] as const

/** From safest to worst; `secured` is no known threat at all. */
const threatLevels = ['secured', 'low', 'medium', 'high'] as const

/** Every fact that Postern knows of. */
export const factTable = {
  platform: choice(
    ['iOS', 'android', 'windows', 'windowsPhone', 'macOS', 'linux', 'unknown'],
    'family of the operating system',
  ),
  osVersion: text('version of the operating system: 18.1, 13.3.1 (a), 10.0.22631.4460'),
  osBuild: text('build of the operating system: 22B83'),
  operatingSystem: text('what EAS Settings:OS says: iOS 18.1 22B83'),
  linuxDistribution: text('ID of os-release: ubuntu'),
  securityPatchLevel: text('Android security patch level: 2026-05-01'),
  model: text('model name'),
  friendlyName: text('name that its user gave it'),
  imei: text('IMEI'),
  serialNumber: text('serial number'),
  phoneNumber: text('phone number'),
  mobileOperator: text('mobile operator'),
  language: text('language of the system'),
  jailbroken: flag('jailbroken or rooted'),
  managedEmailProfile: flag('the mail account came from a managed profile, not set up by hand'),
  registered: flag('registered in the directory with a live credential'),
  domainJoined: flag("joined to a domain of the company's own"),
  configurationManagerCompliant: flag('Configuration Manager calls it compliant'),
  androidManagement: choice(
    ['deviceAdministrator', 'workProfile', 'deviceOwner', 'aospDeviceOwner'],
    'how Android is managed',
  ),

  passwordRequired: flag('a password or PIN protects the device'),
  passwordSimpleAllowed: flag('1234 or 1111 would be accepted as a password'),
  passwordType: choice(passwordTypes, 'kind of password that the device insists on'),
  passwordComplexity: choice(complexities, 'Android complexity band of the password'),
  passwordMinimumLength: count('characters that the device insists on'),
  passwordCharacterSets: count('sets of characters, or other than letters and digits, demanded'),
  passwordMinimumLetters: count('letters demanded'),
  passwordMinimumLowerCase: count('lower case letters demanded'),
  passwordMinimumUpperCase: count('upper case letters demanded'),
  passwordMinimumNonLetters: count('characters other than letters demanded'),
  passwordMinimumDigits: count('digits demanded'),
  passwordMinimumSymbols: count('symbols demanded'),
  passwordLockMinutes: count('minutes without use until the device locks; 0 is at once'),
  passwordLockGraceMinutes: count('minutes after locking until the password is asked for'),
  passwordExpirationDays: count('days until a password must be changed; 0 is never'),
  passwordHistory: count('earlier passwords that may not come back'),
  passwordMaximumFailures: count('wrong passwords until the device wipes itself; 0 is never'),
  passwordRequiredOnIdleReturn: flag('the password is asked for when the device wakes'),
  workProfilePasswordRequired: flag('the work profile has a password of its own'),
  workProfilePasswordType: choice(passwordTypes, 'kind of password of the work profile'),
  workProfilePasswordComplexity: choice(complexities, 'complexity band of the work profile'),
  workProfilePasswordMinimumLength: count('characters of the work profile password'),
  workProfileLockMinutes: count('minutes without use until the work profile locks'),
  workProfilePasswordExpirationDays: count('days until it must be changed; 0 is never'),
  workProfilePasswordHistory: count('earlier ones of the work profile that may not come back'),

  storageEncrypted: flag('what is stored on the device is encrypted'),
  bitLockerEnabled: flag('BitLocker protects the system drive'),
  secureBootEnabled: flag('Secure Boot is on'),
  codeIntegrityEnabled: flag('only signed code runs in the kernel'),
  earlyLaunchAntimalwareEnabled: flag('the early launch antimalware driver is on'),
  memoryIntegrityEnabled: flag('memory integrity (HVCI) runs'),
  kernelDmaProtectionEnabled: flag('kernel DMA protection is on'),
  virtualizationBasedSecurityEnabled: flag('virtualization-based security runs'),
  firmwareProtectionEnabled: flag('firmware protection (System Guard) runs'),
  tpmPresent: flag('a Trusted Platform Module is there and ready'),
  systemIntegrityProtectionEnabled: flag('System Integrity Protection of macOS is on'),
  gatekeeperAppSource: choice(
    ['anywhere', 'macAppStoreAndIdentifiedDevelopers', 'macAppStore'],
    'where macOS lets apps come from',
  ),
  firewallEnabled: flag('the firewall is on'),
  firewallBlocksIncoming: flag('the firewall blocks every incoming connection'),
  firewallStealthMode: flag('the firewall does not answer probes'),
  antivirusEnabled: flag('an antivirus program runs'),
  antivirusSignaturesCurrent: flag('its signatures are current'),
  antispywareEnabled: flag('an antispyware program runs'),
  realTimeProtectionEnabled: flag('files are checked as they are used'),
  defenderEnabled: flag('Microsoft Defender Antivirus runs'),
  defenderVersion: text('its version: 4.18.24090.11'),
  threatLevel: choice(threatLevels, 'threat level by a mobile threat defence product'),
  riskLevel: choice(threatLevels, 'machine risk by an endpoint detection product'),
  automaticUpdates: choice(
    ['none', 'important', 'recommended'],
    'updates that install themselves: none, important ones, or recommended ones too',
  ),
  systemUpdatePending: flag('a system update waits to be installed'),
  missingUpdateDays: count('days since the deadline of the oldest required update; 0 is none'),

  usbDebuggingEnabled: flag('USB debugging is on'),
  unknownSourcesAllowed: flag('apps may come from outside the store'),
  verifyAppsEnabled: flag('apps are scanned for threats (Play Protect)'),
  googlePlayServicesEnabled: flag('Google Play services are there and on'),
  securityProvidersCurrent: flag('the security provider is up to date'),
  portalAppIntact: flag('the management app is genuine and in order'),
  attestationBasicIntegrity: flag('Play Integrity (SafetyNet): basic integrity'),
  attestationCertifiedDevice: flag('Play Integrity (SafetyNet): certified device'),
  attestationHardwareBacked: flag('Play Integrity (SafetyNet): the answer is backed by hardware'),
  installedApps: list('bundle or package identifiers, or names, of the installed apps'),
  wslDistributions: list('distributions below Windows Subsystem for Linux: Ubuntu 22.04'),
} as const satisfies Record<string, FactKind>
