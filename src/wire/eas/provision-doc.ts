import { Provision } from '../wbxml/tokens.ts'
import { type Element, element, type Tag, writeWbxml } from '../wbxml/wbxml.ts'
import { atLeast, type EasVersion } from './version.ts'

/** The settings of a mailbox policy that travel to the device (MS-ASPROV 2.2.2.28); absent means the protocol's default. */
export interface PolicySettings {
  readonly devicePasswordEnabled?: boolean
  readonly alphanumericDevicePasswordRequired?: boolean
  readonly passwordRecoveryEnabled?: boolean
  readonly requireStorageCardEncryption?: boolean
  readonly attachmentsEnabled?: boolean
  /** 1-16; absent: no minimum. */
  readonly minDevicePasswordLength?: number
  /** Seconds; 0 or absent: the device never locks by itself. */
  readonly maxInactivityTimeDeviceLock?: number
  /** 4-16; absent: any number of wrong passwords. */
  readonly maxDevicePasswordFailedAttempts?: number
  /** Bytes; absent: unlimited, which is an empty tag (a negative number breaks clients). */
  readonly maxAttachmentSize?: number
  readonly allowSimpleDevicePassword?: boolean
  /** Days; 0 or absent: never. */
  readonly devicePasswordExpiration?: number
  readonly devicePasswordHistory?: number
  readonly allowStorageCard?: boolean
  readonly allowCamera?: boolean
  readonly requireDeviceEncryption?: boolean
  readonly allowUnsignedApplications?: boolean
  readonly allowUnsignedInstallationPackages?: boolean
  /** 1-4 groups of characters. */
  readonly minDevicePasswordComplexCharacters?: number
  readonly allowWiFi?: boolean
  readonly allowTextMessaging?: boolean
  readonly allowPopImapEmail?: boolean
  /** 0 off, 1 hands-free only, 2 on. */
  readonly allowBluetooth?: 0 | 1 | 2
  readonly allowIrDA?: boolean
  readonly requireManualSyncWhenRoaming?: boolean
  readonly allowDesktopSync?: boolean
  /** 0 all, 4 two weeks, 5 one month, 6 three months, 7 six months. */
  readonly maxCalendarAgeFilter?: 0 | 4 | 5 | 6 | 7
  readonly allowHtmlEmail?: boolean
  /** 0 all, 1 one day, 2 three days, 3 one week, 4 two weeks, 5 one month. */
  readonly maxEmailAgeFilter?: 0 | 1 | 2 | 3 | 4 | 5
  /** -1 unlimited, 0 headers only, else bytes. */
  readonly maxEmailBodyTruncationSize?: number
  readonly maxEmailHtmlBodyTruncationSize?: number
  readonly requireSignedSmimeMessages?: boolean
  readonly requireEncryptedSmimeMessages?: boolean
  readonly allowSmimeSoftCerts?: boolean
  readonly allowBrowser?: boolean
  readonly allowConsumerEmail?: boolean
  readonly allowRemoteDesktop?: boolean
  readonly allowInternetSharing?: boolean
}

type Setting = keyof PolicySettings

/**
 * Every element in the order of the published schema, the version that brought it, and what stands for an absent
 * setting. All are always sent: a setting that was taken back must travel as an empty tag or its default
 * (MS-ASPROV 3.2.5.1.1), else the device keeps the old one.
 */
const elements: readonly (readonly [Setting, Tag, EasVersion, string])[] = [
  ['devicePasswordEnabled', Provision.DevicePasswordEnabled, '12.0', '0'],
  ['alphanumericDevicePasswordRequired', Provision.AlphanumericDevicePasswordRequired, '12.0', '0'],
  ['passwordRecoveryEnabled', Provision.PasswordRecoveryEnabled, '12.0', '0'],
  ['requireStorageCardEncryption', Provision.RequireStorageCardEncryption, '12.1', '0'],
  ['attachmentsEnabled', Provision.AttachmentsEnabled, '12.0', '1'],
  ['minDevicePasswordLength', Provision.MinDevicePasswordLength, '12.0', ''],
  ['maxInactivityTimeDeviceLock', Provision.MaxInactivityTimeDeviceLock, '12.0', ''],
  ['maxDevicePasswordFailedAttempts', Provision.MaxDevicePasswordFailedAttempts, '12.0', ''],
  ['maxAttachmentSize', Provision.MaxAttachmentSize, '12.0', ''],
  ['allowSimpleDevicePassword', Provision.AllowSimpleDevicePassword, '12.0', '1'],
  ['devicePasswordExpiration', Provision.DevicePasswordExpiration, '12.0', ''],
  ['devicePasswordHistory', Provision.DevicePasswordHistory, '12.0', '0'],
  ['allowStorageCard', Provision.AllowStorageCard, '12.1', '1'],
  ['allowCamera', Provision.AllowCamera, '12.1', '1'],
  ['requireDeviceEncryption', Provision.RequireDeviceEncryption, '12.1', '0'],
  ['allowUnsignedApplications', Provision.AllowUnsignedApplications, '12.1', '1'],
  ['allowUnsignedInstallationPackages', Provision.AllowUnsignedInstallationPackages, '12.1', '1'],
  ['minDevicePasswordComplexCharacters', Provision.MinDevicePasswordComplexCharacters, '12.1', '1'],
  ['allowWiFi', Provision.AllowWiFi, '12.1', '1'],
  ['allowTextMessaging', Provision.AllowTextMessaging, '12.1', '1'],
  ['allowPopImapEmail', Provision.AllowPOPIMAPEmail, '12.1', '1'],
  ['allowBluetooth', Provision.AllowBluetooth, '12.1', '2'],
  ['allowIrDA', Provision.AllowIrDA, '12.1', '1'],
  ['requireManualSyncWhenRoaming', Provision.RequireManualSyncWhenRoaming, '12.1', '0'],
  ['allowDesktopSync', Provision.AllowDesktopSync, '12.1', '1'],
  ['maxCalendarAgeFilter', Provision.MaxCalendarAgeFilter, '12.1', '0'],
  ['allowHtmlEmail', Provision.AllowHTMLEmail, '12.1', '1'],
  ['maxEmailAgeFilter', Provision.MaxEmailAgeFilter, '12.1', '0'],
  ['maxEmailBodyTruncationSize', Provision.MaxEmailBodyTruncationSize, '12.1', '-1'],
  ['maxEmailHtmlBodyTruncationSize', Provision.MaxEmailHTMLBodyTruncationSize, '12.1', '-1'],
  ['requireSignedSmimeMessages', Provision.RequireSignedSMIMEMessages, '12.1', '0'],
  ['requireEncryptedSmimeMessages', Provision.RequireEncryptedSMIMEMessages, '12.1', '0'],
  ['allowSmimeSoftCerts', Provision.AllowSMIMESoftCerts, '12.1', '1'],
  ['allowBrowser', Provision.AllowBrowser, '12.1', '1'],
  ['allowConsumerEmail', Provision.AllowConsumerEmail, '12.1', '1'],
  ['allowRemoteDesktop', Provision.AllowRemoteDesktop, '12.1', '1'],
  ['allowInternetSharing', Provision.AllowInternetSharing, '12.1', '1'],
]

/** The EASProvisionDoc of these settings, in the published order, with the elements that this version knows (12.0 and later). */
export function provisionDoc(settings: PolicySettings, version: EasVersion): Element {
  const known = elements.filter(([, , since]) => atLeast(version, since))
  return element(
    Provision.EASProvisionDoc,
    known.map(([setting, tag, , otherwise]) => element(tag, textFor(settings[setting], otherwise))),
  )
}

function textFor(value: boolean | number | undefined, otherwise: string): string {
  if (value === undefined) return otherwise
  return String(Number(value))
}

/**
 * The policy as 2.5 clients take it: text in the provisioning language of Windows Mobile (MS-ASPROV 2.2.2.24.2).
 * 4131: 0 demands a password, 1 does not. Complexity: 0 letters and digits, 1 digits, 2 either.
 */
export function wapProvisioningDoc(settings: PolicySettings): string {
  const lassd = 'HKLM\\Comm\\Security\\Policy\\LASSD'
  const password = settings.devicePasswordEnabled === true
  const parm = (name: string, value: number) => `<parm name="${name}" value="${value}"/>`
  const group = (type: string, ...inner: readonly string[]) =>
    `<characteristic type="${type}">${inner.join('')}</characteristic>`
  const idleMinutes = Math.ceil((settings.maxInactivityTimeDeviceLock ?? 0) / 60)
  return `<wap-provisioningdoc>${group('SecurityPolicy', parm('4131', password ? 0 : 1))}${group(
    'Registry',
    group(
      `${lassd}\\AE\\{50C13377-C66D-400C-889E-C316FC4AB374}`,
      parm('AEFrequencyType', password && idleMinutes > 0 ? 1 : 0),
      parm('AEFrequencyValue', idleMinutes),
    ),
    group(
      lassd,
      parm('DeviceWipeThreshold', password ? (settings.maxDevicePasswordFailedAttempts ?? -1) : -1),
      parm('CodewordFrequency', -1),
    ),
    group(
      `${lassd}\\LAP\\lap_pw`,
      parm('MinimumPasswordLength', settings.minDevicePasswordLength ?? 1),
      parm('PasswordComplexity', settings.alphanumericDevicePasswordRequired ? 0 : 2),
    ),
  )}</wap-provisioningdoc>`
}

/**
 * Bytes that are equal exactly when a client of this version would be sent the same policy: hash these to notice that
 * a policy changed. A hash of the settings themselves makes a client of an old version provision for ever.
 */
export function policyFingerprint(settings: PolicySettings, version: EasVersion): Uint8Array {
  if (!atLeast(version, '12.0')) return new TextEncoder().encode(wapProvisioningDoc(settings))
  return writeWbxml(provisionDoc(settings, version))
}
