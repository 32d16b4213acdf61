import { Failure } from '../base/failures.ts'
import { nameUuid } from '../base/id.ts'
import { type Plist, writePlist } from '../wire/plist/plist.ts'
import { type Holder, scepContent } from './apple-certificate.ts'
import { mailKeys } from './apple-mail.ts'
import {
  type EmailProfile,
  type IosMail,
  profileSettings,
  type ScepCertificate,
} from './email-profile.ts'

/** A configuration profile as an Apple device installs it, `application/x-apple-aspen-config`. */
export interface AppleProfile {
  /** What the device knows it by: another of this name takes its place, and `RemoveProfile` names it. */
  readonly identifier: string
  readonly uuid: string
  /** XML property list, UTF-8. */
  readonly content: string
}

/** What the device knows a profile by; the same on every device. */
export const identifierOf = (profile: Pick<EmailProfile, 'id'>): string =>
  `postern.mail.${profile.id}`

type Purpose = 'identity' | 'signing' | 'encryption'

/**
 * Makes the configuration profile of a mail profile for one user. `place`: the device, or the user where the device is
 * not known yet; its UUIDs follow from it and from the profile, so that what is installed again takes the place of what
 * was. Throws `profile.undeliverable`.
 */
export function appleProfile(profile: EmailProfile, holder: Holder, place: string): AppleProfile {
  if (profile.type !== 'iosEasEmailProfileConfiguration')
    throw new Failure(
      'profile.undeliverable',
      `${profile.type} is nothing that an Apple device installs`,
    )
  const mail = profileSettings.iosEasEmailProfileConfiguration.parse(profile.settings)
  const identifier = identifierOf(profile)
  const uuidOf = (part: string) => nameUuid(JSON.stringify([profile.id, place, part])).toUpperCase()
  const certificates = certificatesOf(mail).map(({ purpose, certificate }) => ({
    purpose,
    payload: {
      PayloadType: 'com.apple.security.scep',
      PayloadVersion: 1,
      PayloadIdentifier: `${identifier}.${purpose}`,
      PayloadUUID: uuidOf(purpose),
      PayloadDisplayName: certificate.displayName,
      PayloadContent: scepContent(certificate, holder),
    },
  }))
  const uuidFor = (wanted: Purpose) =>
    certificates.find(({ purpose }) => purpose === wanted)?.payload.PayloadUUID
  const uuids = {
    identity: uuidFor('identity'),
    signing: uuidFor('signing'),
    encryption: uuidFor('encryption'),
  }
  const account: Plist = {
    PayloadType: 'com.apple.eas.account',
    PayloadVersion: 1,
    PayloadIdentifier: `${identifier}.account`,
    PayloadUUID: uuidOf('account'),
    PayloadDisplayName: mail.accountName,
    ...mailKeys(mail, holder, uuids),
  }
  const uuid = uuidOf('')
  const content = writePlist({
    PayloadType: 'Configuration',
    PayloadVersion: 1,
    PayloadIdentifier: identifier,
    PayloadUUID: uuid,
    PayloadDisplayName: profile.displayName,
    ...(profile.description && { PayloadDescription: profile.description }),
    TargetDeviceType: 1,
    PayloadContent: [...certificates.map(({ payload }) => payload), account],
  })
  return { identifier, uuid, content }
}

interface Wanted {
  readonly purpose: Purpose
  readonly certificate: ScepCertificate
}

/** The certificates that it needs and can ask for. What it needs and cannot have is refused, never left out. */
function certificatesOf(mail: IosMail): readonly Wanted[] {
  const demands = [
    ['identity', mail.authenticationMethod, mail.identityCertificate, 'identityCertificate'],
    [
      'signing',
      mail.signingCertificateType,
      mail.smimeSigningCertificate,
      'smimeSigningCertificate',
    ],
    [
      'encryption',
      mail.encryptionCertificateType,
      mail.smimeEncryptionCertificate,
      'smimeEncryptionCertificate',
    ],
  ] as const
  return demands.flatMap(([purpose, demand, certificate, name]) => {
    if (demand === 'none' || demand === 'usernameAndPassword') return []
    if (demand === 'derivedCredential')
      throw new Failure('profile.undeliverable', 'a derived credential comes from its own app only')
    if (!certificate)
      throw new Failure(
        'profile.undeliverable',
        `${name} is not told: an iosScepCertificateProfile within the mail profile, not its address alone`,
      )
    return [{ purpose, certificate }]
  })
}
