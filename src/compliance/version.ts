import type { Platform } from '../devices/facts.ts'

/** Numbers of which the first that differs decides; a missing one counts as 0. */
export type Version = readonly number[]

/** Where the letter of Apple's supplemental versions stands: behind more numbers than any version has. */
const supplement = 6

/** What may follow the numbers of a Linux version and says nothing about the order: a flavour. */
const flavour = /[-+~ ].*$/s

/** Apple's supplemental (rapid response) versions: `13.3.1 (a)` comes after 13.3.1 and before 13.3.1 (b). */
const rapid = /^(.*\d) ?\(([a-z])\)$/

/**
 * An operating system version, or `undefined` where it is none of this platform. Everything but digits and dots is
 * refused: a client that sends `18.1<script>` has no version.
 */
export function readVersion(text: string, platform: Platform): Version | undefined {
  if (text.length > 64) return undefined
  if (platform === 'iOS' || platform === 'macOS') {
    const [, numbers, letter] = rapid.exec(text) ?? []
    if (numbers && letter) return withSupplement(readNumbers(numbers), letter)
  }
  return readNumbers(platform === 'linux' ? text.replace(flavour, '') : text)
}

function readNumbers(text: string): Version | undefined {
  if (!/^\d{1,9}(\.\d{1,9}){0,5}$/.test(text)) return undefined
  return text.split('.').map(Number)
}

function withSupplement(numbers: Version | undefined, letter: string): Version | undefined {
  if (!numbers) return undefined
  const padding = Array<number>(supplement - numbers.length).fill(0)
  return [...numbers, ...padding, letter.charCodeAt(0) - 96]
}

/**
 * An Apple build: `21F79`, `22E772610a`, `21A5248v`. Major number, letter of the minor, number, and a letter that betas
 * and rapid responses have.
 */
export function readBuild(text: string): Version | undefined {
  const [, major, minor, number, last = '`'] =
    /^(\d{1,3})([A-Z])(\d{1,9})([a-z])?$/.exec(text) ?? []
  if (!major || !minor || !number) return undefined
  return [Number(major), minor.charCodeAt(0), Number(number), last.charCodeAt(0) - 96]
}

/** A day that exists, as Android writes its security patch level: `2016-05-01`. */
export function readDay(text: string): Version | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.map(Number) ?? []
  if (!year || !month || !day || month > 12) return undefined
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
  return day > days ? undefined : [year, month, day]
}

/** Negative where `a` is older than `b`; a missing part counts as 0, so 18 equals 18.0. */
export function compareVersions(a: Version, b: Version): number {
  for (let part = 0; part < Math.max(a.length, b.length); part++) {
    const difference = (a[part] ?? 0) - (b[part] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
