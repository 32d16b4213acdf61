/** Kinds of password that a policy can demand, in Graph's words; those of Android work profiles mean the same. */
export type PasswordType =
  | 'any'
  | 'required'
  | 'lowSecurityBiometric'
  | 'numeric'
  | 'atLeastNumeric'
  | 'numericComplex'
  | 'alphabetic'
  | 'atLeastAlphabetic'
  | 'alphanumeric'
  | 'atLeastAlphanumeric'
  | 'alphanumericWithSymbols'
  | 'customPassword'

export type PasswordComplexity = 'low' | 'medium' | 'high'

/** The worst threat that is still tolerated. */
export type ThreatLevel = 'secured' | 'low' | 'medium' | 'high'

/** An app, as Graph's `appListItem`. */
export interface AppListItem {
  readonly name?: string
  readonly publisher?: string
  readonly appStoreUrl?: string
  /** Bundle or package identifier. */
  readonly appId?: string
}

/** Versions from lowest to highest, both included, as Graph's `operatingSystemVersionRange`. */
export interface VersionRange {
  readonly description?: string
  readonly lowestVersion: string
  readonly highestVersion: string
}

/** A distribution, and the versions of it that are allowed. */
export interface AllowedDistribution {
  /** `ubuntu`, `rhel`; as os-release or WSL names it, without regard to case. */
  readonly name: string
  readonly minimumVersion?: string
  readonly maximumVersion?: string
}

/**
 * What a compliance policy can demand; an unset setting is not evaluated, nor is a switch that is off. Names are Graph's,
 * where Graph has one: where it has several for one thing (`passcodeRequired` on iOS), the most common. What each means,
 * where, and by which fact: `rules/`.
 */
export interface ComplianceSettings {
  readonly passwordRequired?: boolean
  readonly passwordBlockSimple?: boolean
  readonly passwordMinimumLength?: number
  readonly passwordRequiredType?: PasswordType
  readonly requiredPasswordComplexity?: PasswordComplexity
  readonly passwordMinimumCharacterSetCount?: number
  readonly passwordMinimumLetterCharacters?: number
  readonly passwordMinimumLowerCaseCharacters?: number
  readonly passwordMinimumUpperCaseCharacters?: number
  readonly passwordMinimumNonLetterCharacters?: number
  readonly passwordMinimumNumericCharacters?: number
  readonly passwordMinimumSymbolCharacters?: number
  readonly passwordMinutesOfInactivityBeforeLock?: number
  readonly passwordMinutesAfterScreenLock?: number
  readonly passwordExpirationDays?: number
  readonly passwordPreviousPasswordBlockCount?: number
  readonly passwordSignInFailureCountBeforeFactoryReset?: number
  readonly passwordRequiredToUnlockFromIdle?: boolean

  readonly workProfileRequirePassword?: boolean
  readonly workProfilePasswordRequiredType?: PasswordType
  readonly workProfileRequiredPasswordComplexity?: PasswordComplexity
  readonly workProfilePasswordMinimumLength?: number
  readonly workProfileInactiveBeforeScreenLockInMinutes?: number
  readonly workProfilePasswordExpirationInDays?: number
  readonly workProfilePreviousPasswordBlockCount?: number

  readonly storageRequireEncryption?: boolean
  readonly bitLockerEnabled?: boolean

  readonly osMinimumVersion?: string
  readonly osMaximumVersion?: string
  readonly osMinimumBuildVersion?: string
  readonly osMaximumBuildVersion?: string
  readonly mobileOsMinimumVersion?: string
  readonly mobileOsMaximumVersion?: string
  readonly validOperatingSystemBuildRanges?: readonly VersionRange[]
  readonly minAndroidSecurityPatchLevel?: string
  readonly allowedDistributions?: readonly AllowedDistribution[]
  readonly wslDistributions?: readonly AllowedDistribution[]
  readonly automaticUpdatesRequired?: 'recommended' | 'important'
  readonly requireNoPendingSystemUpdates?: boolean
  readonly maximumUpdateDelayDays?: number

  readonly securityBlockJailbrokenDevices?: boolean
  readonly securityBlockDeviceAdministratorManagedDevices?: boolean
  readonly requireHealthyDeviceReport?: boolean
  readonly secureBootEnabled?: boolean
  readonly codeIntegrityEnabled?: boolean
  readonly earlyLaunchAntiMalwareDriverEnabled?: boolean
  readonly memoryIntegrityEnabled?: boolean
  readonly kernelDmaProtectionEnabled?: boolean
  readonly virtualizationBasedSecurityEnabled?: boolean
  readonly firmwareProtectionEnabled?: boolean
  readonly tpmRequired?: boolean
  readonly systemIntegrityProtectionEnabled?: boolean
  readonly securityRequireSafetyNetAttestationBasicIntegrity?: boolean
  readonly securityRequireSafetyNetAttestationCertifiedDevice?: boolean
  readonly securityRequiredAndroidSafetyNetEvaluationType?: 'basic' | 'hardwareBacked'
  readonly securityRequireCompanyPortalAppIntegrity?: boolean

  readonly firewallEnabled?: boolean
  readonly firewallBlockAllIncoming?: boolean
  readonly firewallEnableStealthMode?: boolean
  readonly antivirusRequired?: boolean
  readonly antiSpywareRequired?: boolean
  readonly defenderEnabled?: boolean
  readonly defenderVersion?: string
  readonly signatureOutOfDate?: boolean
  readonly rtpEnabled?: boolean
  readonly deviceThreatProtectionEnabled?: boolean
  readonly deviceThreatProtectionRequiredSecurityLevel?: ThreatLevel
  readonly advancedThreatProtectionRequiredSecurityLevel?: ThreatLevel

  readonly restrictedApps?: readonly AppListItem[]
  readonly gatekeeperAllowedAppSource?:
    | 'anywhere'
    | 'macAppStoreAndIdentifiedDevelopers'
    | 'macAppStore'
  readonly securityPreventInstallAppsFromUnknownSources?: boolean
  readonly securityDisableUsbDebugging?: boolean
  readonly securityRequireVerifyApps?: boolean
  readonly securityRequireGooglePlayServices?: boolean
  readonly securityRequireUpToDateSecurityProviders?: boolean

  readonly managedEmailProfileRequired?: boolean
  readonly configurationManagerComplianceRequired?: boolean
  readonly deviceRegistrationRequired?: boolean
  /** Hours since the device's last report. */
  readonly maximumReportAgeHours?: number
}

export type SettingName = keyof ComplianceSettings
