import type { Platform } from '../devices/facts.ts'

/** What may follow the numbers and says nothing about the order: Apple's rapid response letter, a Linux flavour. */
const suffixes: Partial<Readonly<Record<Platform, RegExp>>> = {
  iOS: / \([a-z]\)$/,
  macOS: / \([a-z]\)$/,
  linux: /[-+~ ].*$/s,
}

/**
 * The numbers of an operating system version, or `undefined` where it is none of this platform.
 * Everything but digits and dots is refused: a client that sends `18.1<script>` has no version.
 */
export function readVersion(text: string, platform: Platform): readonly number[] | undefined {
  if (text.length > 64) return undefined
  const suffix = suffixes[platform]
  const numbers = suffix ? text.replace(suffix, '') : text
  if (!/^\d{1,9}(\.\d{1,9}){0,5}$/.test(numbers)) return undefined
  return numbers.split('.').map(Number)
}

/** Negative where `a` is older than `b`; a missing part counts as 0, so 18 equals 18.0. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let part = 0; part < Math.max(a.length, b.length); part++) {
    const difference = (a[part] ?? 0) - (b[part] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
