import type { Platform } from './facts.ts'

/** What a client lets on about its platform: the type and user agent of each request, model and system if it told them. */
export interface PlatformSigns {
  readonly deviceType: string
  readonly userAgent: string
  readonly model?: string | undefined
  /** `Settings:OS`, for example `iOS 18.1 22B83`. */
  readonly os?: string | undefined
}

/** A platform, and the version of its system where a sign tells it. */
export interface Recognised {
  readonly platform: Platform
  /** At most four numbers, for example `18.1`. */
  readonly osVersion?: string
}

type Sign = readonly [pattern: RegExp, platform: Platform]

const version = String.raw`(\d{1,9}(?:\.\d{1,9}){0,3})`

// Each list is tried in order. A first group is the version of the system; most user agents tell that of the app only.
// iOS user agents carry a build number; no published table turns it into a version, and a guess could open a door.
const osSigns: readonly Sign[] = [
  [sign('(?:iPhone OS|iPadOS|iOS)', version), 'iOS'],
  [sign('Android(?: OS)?', version), 'android'],
  [sign('(?:Microsoft )?Windows (?:Phone|Mobile|CE)(?: OS)?', version), 'windowsPhone'],
  [sign('(?:Microsoft )?Windows(?: NT)?', version), 'windows'],
  [sign('(?:macOS|Mac OS X|MacOS X|OS X)', version), 'macOS'],
  [/^(?:\S+ )?Linux\b/i, 'linux'],
]

const typeSigns: readonly Sign[] = [
  [/^(?:iPhone|iPad|iPod)/i, 'iOS'],
  [/^(?:Android|SAMSUNG)/i, 'android'],
  [/^(?:WindowsPhone|Windows Phone|WP\d*$|PocketPC)/i, 'windowsPhone'],
  [/^(?:WindowsOutlook|WindowsMail|UniversalOutlook|Windows\d*$)/i, 'windows'],
  [/^Mac(?:OS)?\b/i, 'macOS'],
]

const agentSigns: readonly Sign[] = [
  [/^Apple-(?:iPhone|iPad|iPod)/i, 'iOS'],
  [/^Apple-Mac/i, 'macOS'],
  // Before 4.4 the mail app named the system: Android/4.3.3-EAS-1.3. Later ones name themselves: Android-Mail/2020.11.
  [new RegExp(`^Android/${version}-EAS`, 'i'), 'android'],
  [/^(?:Android|SAMSUNG)/i, 'android'],
  [/^MSFT-(?:WP|PPC|SPhone)\b/i, 'windowsPhone'],
  [/^(?:MSFT-WIN|Microsoft\.Outlook|Outlook\/\d)/i, 'windows'],
]

const modelSigns: readonly Sign[] = [[/^(?:iPhone|iPad|iPod)/i, 'iOS']]

function sign(names: string, rest: string): RegExp {
  // Nothing may follow directly: of `14x` or `10.0.1.2.3` no part is a version.
  return new RegExp(`^${names}(?: ?${rest})?(?![\\w.])`, 'i')
}

/**
 * The platform by the most telling sign: what the system calls itself, then device type, user agent, model. All of it is
 * the client's own word, so the answer may only choose the rules; a liar gains what an unknown platform has anyway.
 */
export function recognisePlatform(signs: PlatformSigns): Recognised {
  const os = signs.os?.trim() ?? ''
  const found =
    match(osSigns, os) ??
    match(typeSigns, signs.deviceType) ??
    match(agentSigns, signs.userAgent) ??
    match(modelSigns, signs.model ?? '')
  if (!found) return { platform: 'unknown' }
  const osVersion = found.osVersion ?? versionOfAgent(found.platform, signs.userAgent)
  // Some Androids tell the bare number.
  const bare = new RegExp(`^${version}$`).exec(os)?.[1]
  const known = osVersion ?? bare
  return { platform: found.platform, ...(known !== undefined && { osVersion: known }) }
}

function match(list: readonly Sign[], text: string): Recognised | undefined {
  for (const [pattern, platform] of list) {
    const found = pattern.exec(text)
    if (found) return { platform, ...(found[1] !== undefined && { osVersion: found[1] }) }
  }
  return undefined
}

function versionOfAgent(platform: Platform, userAgent: string): string | undefined {
  const found = match(agentSigns, userAgent)
  return found?.platform === platform ? found.osVersion : undefined
}
