import { Failure } from '../base/failures.ts'
import type { Plist } from '../wire/plist/plist.ts'
import { type Holder, localPart } from './apple-certificate.ts'
import type { IosMail } from './email-profile.ts'

/** UUIDs of the certificate payloads of the same profile, by what they are for. */
export interface CertificateUuids {
  readonly identity: string | undefined
  readonly signing: string | undefined
  readonly encryption: string | undefined
}

/** Apple's days; 0 is no limit. `userDefined` says nothing, and the device then takes a week. */
const days = {
  userDefined: undefined,
  oneDay: 1,
  threeDays: 3,
  oneWeek: 7,
  twoWeeks: 14,
  oneMonth: 31,
  unlimited: 0,
} as const

const services = {
  email: 'Mail',
  contacts: 'Contacts',
  calendars: 'Calendars',
  reminders: 'Reminders',
  notes: 'Notes',
} as const

/**
 * The keys of a `com.apple.eas.account` payload (apple/device-management) for one user. No password: the device asks for
 * it. Throws `profile.undeliverable`.
 */
export function mailKeys(
  mail: IosMail,
  holder: Holder,
  uuids: CertificateUuids,
): Record<string, Plist> {
  const past = days[mail.durationOfEmailToSync]
  return {
    EmailAddress: addressOf(mail.emailAddressSource, holder),
    Host: mail.hostName,
    SSL: mail.requireSsl,
    UserName: userNameOf(mail, holder),
    OAuth: mail.useOAuth,
    ...(uuids.identity && { PayloadCertificateUUID: uuids.identity }),
    ...(past !== undefined && { MailNumberOfPastDaysToSync: past }),
    PreventMove: mail.blockMovingMessagesToOtherEmailAccounts,
    PreventAppSheet: mail.blockSendingEmailFromThirdPartyApps,
    disableMailRecentsSyncing: mail.blockSyncingRecentlyUsedEmailAddresses,
    ...serviceKeys(mail),
    ...smimeKeys(mail, uuids),
    ...(mail.perAppVPNProfileId && { VPNUUID: mail.perAppVPNProfileId }),
  }
}

/** A sign-in name without an `@` is no address. */
function addressOf(source: IosMail['emailAddressSource'], { name, mail }: Holder): string {
  return source === 'userPrincipalName' && name.includes('@') ? name : mail
}

/** `DOMAIN\name` where the profile names a domain: its own, or the one of the user. */
function userNameOf(mail: IosMail, holder: Holder): string {
  const source = mail.usernameAADSource ?? mail.usernameSource
  const name = {
    userPrincipalName: holder.name,
    primarySmtpAddress: holder.mail,
    samAccountName: localPart(holder.name),
  }[source]
  const domain = mail.customDomainName ?? domainOf(mail.userDomainNameSource, holder)
  return domain ? `${domain}\\${name}` : name
}

function domainOf(source: IosMail['userDomainNameSource'], { name, mail }: Holder): string {
  if (!source) return ''
  const full = (name.includes('@') ? name : mail).split('@')[1] ?? ''
  return source === 'fullDomainName' ? full : (full.split('.')[0] ?? '').toUpperCase()
}

function serviceKeys({ easServices, easServicesUserOverrideEnabled }: IosMail) {
  const wanted = new Set(easServices.split(',').map((one) => one.trim()))
  const entries = Object.entries(services)
  if (!entries.some(([service]) => wanted.has(service)))
    throw new Failure('profile.undeliverable', 'easServices: an account has at least one service')
  return Object.fromEntries(
    entries.flatMap(([service, name]) => [
      [`Enable${name}`, wanted.has(service)],
      [`Enable${name}UserOverridable`, easServicesUserOverrideEnabled],
    ]),
  )
}

function smimeKeys(
  mail: IosMail,
  { signing, encryption }: CertificateUuids,
): Record<string, Plist> {
  return {
    // Systems before iOS 10 know only this one.
    SMIMEEnabled: mail.requireSmime,
    SMIMESigningEnabled: mail.smimeSigningEnabled,
    SMIMESigningUserOverrideable: mail.smimeSigningUserOverrideEnabled,
    ...(signing && { SMIMESigningCertificateUUID: signing }),
    SMIMESigningCertificateUUIDUserOverrideable: mail.smimeSigningCertificateUserOverrideEnabled,
    SMIMEEncryptByDefault: mail.smimeEncryptByDefaultEnabled,
    SMIMEEncryptByDefaultUserOverrideable: mail.smimeEncryptByDefaultUserOverrideEnabled,
    ...(encryption && { SMIMEEncryptionCertificateUUID: encryption }),
    SMIMEEncryptionCertificateUUIDUserOverrideable:
      mail.smimeEncryptionCertificateUserOverrideEnabled,
    SMIMEEnableEncryptionPerMessageSwitch: mail.smimeEnablePerMessageSwitch,
  }
}
