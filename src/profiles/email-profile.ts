import { z } from 'zod'
import type { Instant } from '../base/clock.ts'
import type { Id } from '../base/id.ts'
import type { GroupId } from '../directory/directory.ts'

/** `cfg_…`, or the id that it had where it came from. */
export type ProfileId = Id<'cfg'> | (string & {})

const text = z.string().trim().min(1).max(256)
const flag = (unset: boolean) => z.boolean().default(unset)
/** A certificate profile that Graph binds by its address: kept, but what lies there is not for us to know. */
const bound = z.string().max(1024).optional()

/** Graph's `userDefined` is "not configured": the device or its user chooses. */
const duration = z
  .enum(['userDefined', 'oneDay', 'threeDays', 'oneWeek', 'twoWeeks', 'oneMonth', 'unlimited'])
  .default('userDefined')
const schedule = z
  .enum([
    'userDefined',
    'asMessagesArrive',
    'manual',
    'fifteenMinutes',
    'thirtyMinutes',
    'sixtyMinutes',
    'basedOnMyUsage',
  ])
  .default('userDefined')
const userEmail = z.enum(['userPrincipalName', 'primarySmtpAddress']).default('userPrincipalName')
const authentication = z
  .enum(['usernameAndPassword', 'certificate', 'derivedCredential'])
  .default('usernameAndPassword')
const certificate = z.enum(['none', 'certificate', 'derivedCredential']).default('none')
const services = ['calendars', 'contacts', 'email', 'notes', 'reminders']
const easServices = z
  .string()
  .refine(
    (list) => list === 'none' || list.split(',').every((one) => services.includes(one.trim())),
    `is no list of ${services.join(', ')}`,
  )

const account = {
  accountName: text,
  /** Host of the EAS server, without a scheme. */
  hostName: z.string().regex(/^[A-Za-z0-9.-]{1,253}(:\d{1,5})?$/, 'is no host name'),
  requireSsl: flag(true),
  emailAddressSource: userEmail,
  durationOfEmailToSync: duration,
}

const userName = {
  usernameSource: userEmail,
  usernameAADSource: z
    .enum(['userPrincipalName', 'primarySmtpAddress', 'samAccountName'])
    .optional(),
  userDomainNameSource: z.enum(['fullDomainName', 'netBiosDomainName']).optional(),
  customDomainName: text.nullable().optional(),
}

/** Graph's `iosScepCertificateProfile`, as `$expand` shows it: whoever installs it asks this SCEP server for a certificate. */
const scepCertificate = z.strictObject({
  '@odata.type': z.literal('#microsoft.graph.iosScepCertificateProfile'),
  id: z.string().max(64).optional(),
  displayName: text,
  description: z.string().max(1000).nullable().optional(),
  scepServerUrls: z
    .array(z.url({ protocol: /^https?$/ }).max(1024))
    .min(1)
    .max(10),
  /** With `{{UserName}}`, `{{UserPrincipalName}}` and `{{EmailAddress}}`. */
  subjectNameFormatString: text.default('CN={{EmailAddress}}'),
  subjectAlternativeNameType: z
    .enum(['none', 'emailAddress', 'userPrincipalName'])
    .default('emailAddress'),
  keySize: z.enum(['size1024', 'size2048', 'size4096']).default('size2048'),
  keyUsage: z
    .string()
    .regex(
      /^(keyEncipherment|digitalSignature)( *, *(keyEncipherment|digitalSignature))?$/,
      'is no list of keyEncipherment, digitalSignature',
    )
    .default('keyEncipherment,digitalSignature'),
  certificateValidityPeriodScale: z.enum(['days', 'months', 'years']).optional(),
  certificateValidityPeriodValue: z.number().int().min(1).max(100).optional(),
  renewalThresholdPercentage: z.number().int().min(1).max(99).optional(),
})
export type ScepCertificate = z.infer<typeof scepCertificate>

/** What a profile for Apple's mail says. */
export type IosMail = z.infer<typeof profileSettings.iosEasEmailProfileConfiguration>

/** What a profile says, by Graph's type of it: each field of the mail profiles of Configuration Manager and Intune. */
export const profileSettings = {
  iosEasEmailProfileConfiguration: z.strictObject({
    ...account,
    ...userName,
    authenticationMethod: authentication,
    blockMovingMessagesToOtherEmailAccounts: flag(false),
    blockSendingEmailFromThirdPartyApps: flag(false),
    blockSyncingRecentlyUsedEmailAddresses: flag(false),
    requireSmime: flag(false),
    smimeSigningEnabled: flag(false),
    smimeSigningUserOverrideEnabled: flag(false),
    smimeSigningCertificateUserOverrideEnabled: flag(false),
    signingCertificateType: certificate,
    smimeEncryptByDefaultEnabled: flag(false),
    smimeEncryptByDefaultUserOverrideEnabled: flag(false),
    smimeEncryptionCertificateUserOverrideEnabled: flag(false),
    smimeEnablePerMessageSwitch: flag(false),
    encryptionCertificateType: certificate,
    easServices: easServices.default('calendars,contacts,email,notes,reminders'),
    easServicesUserOverrideEnabled: flag(true),
    useOAuth: flag(false),
    perAppVPNProfileId: text.nullable().optional(),
    identityCertificate: scepCertificate.optional(),
    smimeSigningCertificate: scepCertificate.optional(),
    smimeEncryptionCertificate: scepCertificate.optional(),
    'identityCertificate@odata.bind': bound,
    'smimeSigningCertificate@odata.bind': bound,
    'smimeEncryptionCertificate@odata.bind': bound,
  }),
  androidEasEmailProfileConfiguration: z.strictObject({
    ...account,
    usernameSource: z
      .enum(['username', 'userPrincipalName', 'samAccountName', 'primarySmtpAddress'])
      .default('userPrincipalName'),
    userDomainNameSource: userName.userDomainNameSource,
    customDomainName: userName.customDomainName,
    authenticationMethod: authentication,
    emailSyncSchedule: schedule,
    requireSmime: flag(false),
    syncCalendar: flag(true),
    syncContacts: flag(true),
    syncNotes: flag(true),
    syncTasks: flag(true),
    'identityCertificate@odata.bind': bound,
    'smimeSigningCertificate@odata.bind': bound,
  }),
  windows10EasEmailProfileConfiguration: z.strictObject({
    ...account,
    ...userName,
    emailSyncSchedule: schedule,
    syncCalendar: flag(true),
    syncContacts: flag(true),
    syncTasks: flag(true),
  }),
  windowsPhoneEASEmailProfileConfiguration: z.strictObject({
    ...account,
    ...userName,
    applyOnlyToWindowsPhone81: flag(false),
    emailSyncSchedule: schedule,
    syncCalendar: flag(true),
    syncContacts: flag(true),
    syncTasks: flag(true),
  }),
} as const

export type ProfileType = keyof typeof profileSettings

/** Names of the types. */
export const profileTypes = Object.keys(profileSettings) as readonly ProfileType[] // its keys

/** A mail account that an organisation sets up on devices; one of Graph's `deviceConfigurations`. */
export interface EmailProfile {
  readonly id: ProfileId
  readonly type: ProfileType
  /** Unique, at most 256 characters. */
  readonly displayName: string
  readonly description: string
  readonly settings: Readonly<Record<string, unknown>>
  /** Groups of users whose devices get it; as in Graph nobody's, until it is assigned. */
  readonly assignedTo: 'all' | readonly GroupId[]
  readonly excluded: readonly GroupId[]
  readonly createdAt: Instant
  readonly modifiedAt: Instant
  /** From 1, up by one with each change. */
  readonly version: number
}
