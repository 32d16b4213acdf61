import type { Instant } from '../base/clock.ts'
import { impossible } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { type FactKind, factTable } from './fact-table.ts'
import { recognisePlatform } from './platform.ts'

/** How far a fact can be believed: proved by hardware, told by management, or told by the client itself. */
export type Trust = 'attested' | 'managed' | 'claimed'

type ValueOf<K extends FactKind> = K extends { readonly kind: 'flag' }
  ? boolean
  : K extends { readonly kind: 'count' }
    ? number
    : K extends { readonly kind: 'list' }
      ? readonly string[]
      : K extends { readonly choices: readonly (infer C)[] }
        ? C
        : string

/** Every fact that Postern knows of, with the type of its value. What each says: `fact-table.ts`. */
export type FactValues = {
  readonly [K in keyof typeof factTable]: ValueOf<(typeof factTable)[K]>
}

export type Platform = FactValues['platform']

export type FactName = keyof FactValues

export interface Fact<T> {
  readonly value: T
  readonly trust: Trust
  /** Channel that reported it: `eas`, `report`, later `apple`, `windows`, `osquery`. */
  readonly source: string
  readonly at: Instant
}

export type Facts = { readonly [K in FactName]?: Fact<FactValues[K]> }

const rank: Record<Trust, number> = { attested: 3, managed: 2, claimed: 1 }

/** Names of all facts: an allowed list, so that no foreign key (`__proto__`) is ever taken over. */
export const factNames = Object.keys(factTable) as readonly FactName[] // the keys of that very table

/** Whether the value is one that this fact can have. */
export function isFactValue(name: FactName, value: unknown): boolean {
  const kind: FactKind = factTable[name]
  switch (kind.kind) {
    case 'text':
      return typeof value === 'string'
    case 'flag':
      return typeof value === 'boolean'
    case 'count':
      return Number.isSafeInteger(value) && Number(value) >= 0
    case 'choice':
      return kind.choices.some((choice) => choice === value)
    case 'list':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    default:
      return impossible(kind)
  }
}

type AnyFact = Fact<unknown>
type Loose = { [K in FactName]?: AnyFact }

/**
 * What is believed after `news`: a fact yields to one that is trusted at least as much and is not older, so a phone
 * cannot talk its way past what its management says. Merging the same news again changes nothing. News of different
 * trust or time may come in any order; of two that differ in value but in neither, the one merged later stays, as two
 * reports within one millisecond come from one device, in the order in which it sent them.
 */
export function mergeFacts(known: Facts, news: Facts): Facts {
  const merged: Loose = {}
  for (const name of factNames) {
    const old: AnyFact | undefined = known[name]
    const fresh: AnyFact | undefined = news[name]
    const fact = old && fresh ? (yields(old, fresh) ? fresh : old) : (fresh ?? old)
    if (fact) merged[name] = fact
  }
  return merged as Facts // each fact keeps the name it came under
}

function yields(old: AnyFact, fresh: AnyFact): boolean {
  return rank[fresh.trust] > rank[old.trust] || (fresh.trust === old.trust && fresh.at >= old.at)
}

/**
 * The facts as they may be kept: known names and types only, texts without invisible characters and of bounded length,
 * no moment later than `now` (else a device with a wrong clock would fix a fact for years), no trust above `ceiling`.
 */
export function boundFacts(facts: Facts, now: Instant, ceiling: Trust = 'attested'): Facts {
  const bounded: Loose = {}
  for (const name of factNames) {
    const fact: AnyFact | undefined = Object.hasOwn(facts, name) ? facts[name] : undefined
    if (!fact || !isFactValue(name, fact.value) || !Object.hasOwn(rank, fact.trust)) continue
    const value = boundValue(fact.value)
    if (value === undefined) continue
    const trust = rank[fact.trust] > rank[ceiling] ? ceiling : fact.trust
    const at = Number.isSafeInteger(fact.at) ? Math.min(fact.at, now) : now
    bounded[name] = { value, trust, source: cleanText(fact.source), at }
  }
  return bounded as Facts // each value passed the check of its name
}

/** A list that is too long is no fact at all: what was cut off could be the very app that a policy forbids. */
function boundValue(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value) || undefined
  if (!Array.isArray(value)) return value
  if (value.length > limits.factListItems.value) return undefined
  return [...new Set(value.map((item) => cleanText(String(item))))].filter(Boolean).sort()
}

/** Whether both say the same with the same trust, whenever and by whomever it was said. */
export function sameFacts(a: Facts, b: Facts): boolean {
  return factNames.every(
    (name) => sameValue(a[name]?.value, b[name]?.value) && a[name]?.trust === b[name]?.trust,
  )
}

function sameValue(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b
  return a.length === b.length && a.every((item, at) => item === b[at])
}

/** One line of visible characters, bounded: what a client tells is shown in the console and in mails. */
export function cleanText(text: string): string {
  const { value: longest } = limits.factChars
  return text
    .slice(0, longest * 4)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .trim()
    .slice(0, longest)
    .replace(/[\ud800-\udbff]$/, '')
    .trim()
}

/** What a client tells of itself with Settings or Provision (MS-ASCMD 2.2.3.45); the same shape as in `wire/eas`. */
export interface EasInformation {
  readonly model?: string | undefined
  readonly imei?: string | undefined
  readonly friendlyName?: string | undefined
  readonly os?: string | undefined
  readonly osLanguage?: string | undefined
  readonly phoneNumber?: string | undefined
  readonly userAgent?: string | undefined
  readonly mobileOperator?: string | undefined
}

/**
 * The facts, all claimed, that follow from DeviceInformation and from the type and user agent of the request. What is
 * not told gives no fact: an unknown platform is absent, so that it never replaces a known one.
 */
export function easFacts(
  information: EasInformation,
  eas: { readonly deviceType: string; readonly userAgent: string },
  at: Instant,
): Facts {
  const { platform, osVersion } = recognisePlatform({
    deviceType: eas.deviceType,
    userAgent: eas.userAgent || (information.userAgent ?? ''),
    model: information.model,
    os: information.os,
  })
  const values: { [K in FactName]?: FactValues[K] | undefined } = {
    platform: platform === 'unknown' ? undefined : platform,
    osVersion,
    operatingSystem: information.os,
    model: information.model,
    friendlyName: information.friendlyName,
    imei: information.imei,
    phoneNumber: information.phoneNumber,
    mobileOperator: information.mobileOperator,
    language: information.osLanguage,
  }
  const facts: Loose = {}
  for (const name of factNames) {
    const value = values[name]
    if (value !== undefined) facts[name] = { value, trust: 'claimed', source: 'eas', at }
  }
  return boundFacts(facts as Facts, at) // each value stands under the name of its type
}
