import type { Platform } from '../../devices/facts.ts'

/** A platform, told apart where its editions differ in what they enforce and report. */
export type Edition = Exclude<Platform, 'windows' | 'windowsPhone'> | WindowsEdition

/** `windows` is 10 and later, `windowsPhone` 8.1. */
type WindowsEdition = 'windows' | 'windows81' | 'windowsPhone' | 'windows10Mobile'

/** Every edition that has a name; `unknown` is what a device is that hides its platform. */
export const editions = [
  'iOS',
  'macOS',
  'android',
  'windows',
  'windows81',
  'windows10Mobile',
  'windowsPhone',
  'linux',
] as const satisfies readonly Edition[]

/** The edition by platform and version; an unknown version is the later one, of which more is demanded. */
export function editionOf(platform: Platform, osVersion: string | undefined): Edition {
  if (platform === 'windows') return /^[1-9]\./.test(osVersion ?? '') ? 'windows81' : 'windows'
  if (platform === 'windowsPhone')
    return /^[1-9]\./.test(osVersion ?? '') ? 'windowsPhone' : 'windows10Mobile'
  return platform
}

/** The platform that an edition belongs to. */
export function platformOf(edition: Edition): Platform {
  if (edition === 'windows81') return 'windows'
  if (edition === 'windows10Mobile') return 'windowsPhone'
  return edition
}
