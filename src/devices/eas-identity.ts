import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { EasIdentity } from './devices.ts'
import { cleanText } from './facts.ts'

/** The form in which EAS DeviceIds are compared; they are ASCII, so nothing but A to Z has a case. */
export function foldDeviceId(deviceId: string): string {
  return deviceId.toLowerCase()
}

/**
 * What may be kept of an identity. A DeviceId is one word of visible ASCII: letters beyond it fold in surprising ways
 * (the Kelvin sign to k), and a client could take the place of another. Throws `request.malformed`.
 */
export function cleanIdentity(eas: EasIdentity): EasIdentity {
  const { value: longest } = limits.easDeviceIdChars
  if (eas.deviceId.length > longest || !/^[\x21-\x7e]+$/.test(eas.deviceId))
    throw new Failure('request.malformed', 'the DeviceId is not a word of visible ASCII')
  return {
    deviceId: eas.deviceId,
    deviceType: cleanText(eas.deviceType),
    userAgent: cleanText(eas.userAgent),
    protocolVersion: cleanText(eas.protocolVersion),
    ...(eas.wlHeader && { wlHeader: cleanText(eas.wlHeader) }),
  }
}

/**
 * The identity after `news`. The first spelling of the DeviceId stays, since the mail server behind us may tell
 * spellings apart. What is not told does not replace what is known: a client that is kept out for its user agent
 * gains nothing by leaving it out.
 */
export function mergeIdentity(known: EasIdentity, news: EasIdentity): EasIdentity {
  const wlHeader = news.wlHeader || known.wlHeader
  return {
    deviceId: known.deviceId,
    deviceType: news.deviceType || known.deviceType,
    userAgent: news.userAgent || known.userAgent,
    protocolVersion: news.protocolVersion || known.protocolVersion,
    ...(wlHeader && { wlHeader }),
  }
}

/** Whether `news` would change nothing. */
export function tellsNothingNew(known: EasIdentity, news: EasIdentity): boolean {
  return looksTheSame(known, news) && agree(known.protocolVersion, news.protocolVersion)
}

/** Whether nothing changes that device access rules look at. */
export function looksTheSame(known: EasIdentity, news: EasIdentity): boolean {
  return (
    agree(known.userAgent, news.userAgent) &&
    agree(known.deviceType, news.deviceType) &&
    agree(known.wlHeader ?? '', news.wlHeader ?? '')
  )
}

function agree(known: string, news: string): boolean {
  return news === known || news === ''
}
