import { aimOf, type PolicyType } from '../policy-types.ts'
import type { ComplianceSettings } from '../settings.ts'
import { atLeast, atMost, mustBe, ranked } from './criteria.ts'
import type { Edition } from './edition.ts'
import type { Rule, SettingClass } from './rule.ts'
import { choice, count, flag, ownedAndroidTypes, spread, typedTypes } from './spread.ts'

/** A policy can force a password on everything but Android and Linux, where it can only be found missing. */
const passwordClasses: Readonly<Record<Edition, SettingClass>> = {
  iOS: 'remediated',
  macOS: 'remediated',
  android: 'quarantined',
  windows: 'remediated',
  windows81: 'remediated',
  windowsPhone: 'remediated',
  windows10Mobile: 'remediated',
  linux: 'quarantined',
  unknown: 'quarantined',
}

/** The same, on the editions of these types of policy only. */
function passwordOn(properties: Rule['properties']): Pick<Rule, 'classes' | 'properties'> {
  const types = Object.keys(properties) as PolicyType[] // the keys of properties are types
  const classes: { [E in Edition]?: SettingClass } = { unknown: 'quarantined' }
  for (const edition of types.flatMap((type) => aimOf(type).editions))
    classes[edition] = passwordClasses[edition]
  return { classes, properties }
}

const withoutAosp = typedTypes.filter((type) => type !== 'aospDeviceOwnerCompliancePolicy')
const withoutAndroid = typedTypes.filter((type) => !/android|aosp/.test(type))
const owner = 'androidDeviceOwnerCompliancePolicy'
const linux = 'deviceManagementCompliancePolicy'

/** From weakest to strongest. */
export const passwordOrder = [
  'none',
  'any',
  'lowSecurityBiometric',
  'numeric',
  'numericComplex',
  'alphabetic',
  'alphanumeric',
  'alphanumericWithSymbols',
] as const

/** Other words for some of them; a custom password is one whose characters are counted by other settings. */
export const passwordSynonyms = {
  required: 'any',
  customPassword: 'any',
  atLeastNumeric: 'numeric',
  atLeastAlphabetic: 'alphabetic',
  atLeastAlphanumeric: 'alphanumeric',
} as const

/** What a policy can demand of the kind of password. */
export const passwordChoice = choice(
  [...passwordOrder.slice(1), ...Object.keys(passwordSynonyms)],
  'deviceDefault',
)

export const complexityOrder = ['none', 'low', 'medium', 'high'] as const
export const complexityChoice = choice(complexityOrder.slice(1), 'none')

const counted = (
  title: string,
  fact: Parameters<typeof atLeast>[0],
  property: string,
  linuxId?: string,
): Rule<number> => ({
  title,
  value: count(1, 16, 'characters'),
  criterion: atLeast(fact),
  ...passwordOn({ [owner]: property, ...(linuxId && { [linux]: linuxId }) }),
  fix: 'strengthenPassword',
})

/** How the device is locked. */
export const passwordRules = {
  passwordRequired: {
    title: 'Require a password to unlock the device',
    value: flag,
    criterion: mustBe('passwordRequired', true),
    classes: passwordClasses,
    properties: spread('passwordRequired', typedTypes, { iosCompliancePolicy: 'passcodeRequired' }),
    fix: 'setPassword',
  },
  passwordBlockSimple: {
    title: 'Block simple passwords',
    value: flag,
    criterion: mustBe('passwordSimpleAllowed', false),
    ...passwordOn(
      spread('passwordBlockSimple', withoutAndroid, {
        iosCompliancePolicy: 'passcodeBlockSimple',
      }),
    ),
    fix: 'strengthenPassword',
  },
  passwordMinimumLength: {
    title: 'Minimum password length',
    value: count(1, 255, 'characters'),
    criterion: atLeast('passwordMinimumLength'),
    ...passwordOn(
      spread('passwordMinimumLength', typedTypes, {
        iosCompliancePolicy: 'passcodeMinimumLength',
        [linux]: 'linux_passwordpolicy_minimumlength',
      }),
    ),
    fix: 'strengthenPassword',
  },
  passwordRequiredType: {
    title: 'Required password type',
    value: passwordChoice,
    criterion: ranked('passwordType', passwordOrder, 'atLeast', passwordSynonyms),
    ...passwordOn(
      spread('passwordRequiredType', typedTypes, {
        iosCompliancePolicy: 'passcodeRequiredType',
      }),
    ),
    // Their unset policies hold `numeric`, which nobody chose.
    needs: { types: ownedAndroidTypes, settings: ['passwordRequired'] },
    fix: 'strengthenPassword',
  },
  requiredPasswordComplexity: {
    title: 'Password complexity',
    value: complexityChoice,
    criterion: ranked('passwordComplexity', complexityOrder, 'atLeast'),
    ...passwordOn({
      androidCompliancePolicy: 'requiredPasswordComplexity',
      androidWorkProfileCompliancePolicy: 'requiredPasswordComplexity',
    }),
    fix: 'strengthenPassword',
  },
  passwordMinimumCharacterSetCount: {
    title: 'Character sets, or characters other than letters and digits, in the password',
    value: count(1, 16, 'sets'),
    criterion: atLeast('passwordCharacterSets'),
    ...passwordOn(
      spread('passwordMinimumCharacterSetCount', withoutAndroid, {
        iosCompliancePolicy: 'passcodeMinimumCharacterSetCount',
      }),
    ),
    fix: 'strengthenPassword',
  },
  passwordMinimumLetterCharacters: counted(
    'Letters in the password',
    'passwordMinimumLetters',
    'passwordMinimumLetterCharacters',
  ),
  passwordMinimumLowerCaseCharacters: counted(
    'Lower case letters in the password',
    'passwordMinimumLowerCase',
    'passwordMinimumLowerCaseCharacters',
    'linux_passwordpolicy_minimumlowercase',
  ),
  passwordMinimumUpperCaseCharacters: counted(
    'Upper case letters in the password',
    'passwordMinimumUpperCase',
    'passwordMinimumUpperCaseCharacters',
    'linux_passwordpolicy_minimumuppercase',
  ),
  passwordMinimumNonLetterCharacters: counted(
    'Characters other than letters in the password',
    'passwordMinimumNonLetters',
    'passwordMinimumNonLetterCharacters',
  ),
  passwordMinimumNumericCharacters: counted(
    'Digits in the password',
    'passwordMinimumDigits',
    'passwordMinimumNumericCharacters',
    'linux_passwordpolicy_minimumdigits',
  ),
  passwordMinimumSymbolCharacters: counted(
    'Symbols in the password',
    'passwordMinimumSymbols',
    'passwordMinimumSymbolCharacters',
    'linux_passwordpolicy_minimumsymbols',
  ),
  passwordMinutesOfInactivityBeforeLock: {
    title: 'Minutes without use until the device locks',
    value: count(0, 1440, 'minutes'),
    criterion: atMost('passwordLockMinutes', 'isZero'),
    ...passwordOn(
      spread('passwordMinutesOfInactivityBeforeLock', typedTypes, {
        iosCompliancePolicy: 'passcodeMinutesOfInactivityBeforeScreenTimeout',
      }),
    ),
    fix: 'setLockTime',
  },
  passwordMinutesAfterScreenLock: {
    title: 'Minutes after locking until the password is asked for',
    value: count(0, 1440, 'minutes'),
    criterion: atMost('passwordLockGraceMinutes', 'isZero'),
    ...passwordOn({ iosCompliancePolicy: 'passcodeMinutesOfInactivityBeforeLock' }),
    fix: 'setLockTime',
  },
  passwordExpirationDays: {
    title: 'Days until the password must be changed',
    value: count(1, 65_535, 'days'),
    criterion: atMost('passwordExpirationDays', 'isNever'),
    ...passwordOn(
      spread('passwordExpirationDays', withoutAosp, {
        iosCompliancePolicy: 'passcodeExpirationDays',
      }),
    ),
    fix: 'strengthenPassword',
  },
  passwordPreviousPasswordBlockCount: {
    title: 'Earlier passwords that may not come back',
    value: count(1, 255, 'passwords'),
    criterion: atLeast('passwordHistory'),
    ...passwordOn(
      spread('passwordPreviousPasswordBlockCount', withoutAosp, {
        iosCompliancePolicy: 'passcodePreviousPasscodeBlockCount',
        [owner]: 'passwordPreviousPasswordCountToBlock',
      }),
    ),
    fix: 'strengthenPassword',
  },
  passwordSignInFailureCountBeforeFactoryReset: {
    title: 'Wrong passwords until the device wipes itself',
    value: count(1, 255, 'attempts'),
    criterion: atMost('passwordMaximumFailures', 'isNever'),
    ...passwordOn({
      androidCompliancePolicy: 'passwordSignInFailureCountBeforeFactoryReset',
      androidWorkProfileCompliancePolicy: 'passwordSignInFailureCountBeforeFactoryReset',
    }),
    fix: 'strengthenPassword',
  },
  passwordRequiredToUnlockFromIdle: {
    title: 'Require the password when the device wakes',
    value: flag,
    criterion: mustBe('passwordRequiredOnIdleReturn', true),
    ...passwordOn({
      windows10CompliancePolicy: 'passwordRequiredToUnlockFromIdle',
      windows10MobileCompliancePolicy: 'passwordRequireToUnlockFromIdle',
    }),
    fix: 'setLockTime',
  },
} as const satisfies { readonly [K in keyof ComplianceSettings]: Rule<ComplianceSettings[K]> }
