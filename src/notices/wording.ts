import type { AccessState, AccessStateReason } from '../access/decision.ts'
import { limits } from '../base/limits.ts'
import type { Fix } from '../compliance/catalogue.ts'

/** Languages that people are told things in. Another one is another entry of `words`. */
const languages = ['en', 'de'] as const
export type Language = (typeof languages)[number]

/**
 * The first language of these that we speak; English where it is none. `wanted` is a tag (BCP 47), or several as
 * `Accept-Language` has them (RFC 9110 12.5.4).
 */
export function languageOf(wanted = ''): Language {
  const asked = wanted
    .slice(0, limits.acceptLanguageChars.value)
    .split(',')
    .map((one) => {
      const [tag = '', ...parameters] = one.trim().toLowerCase().split(';')
      const quality = parameters.map((part) => /^\s*q=(\d(?:\.\d{1,3})?)\s*$/.exec(part)?.[1])
      return { name: tag.trim().split('-')[0], weight: Number(quality.find(Boolean) ?? 1) }
    })
  const best = asked.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight)
  for (const { name } of best) {
    const language = languages.find((one) => one === name)
    if (language) return language
  }
  return 'en'
}

/** What a reason code means to the person who is held up by it. */
export interface ReasonWords {
  readonly title: string
  readonly explanation: string
  readonly whatToDo: string
}

/** What a failed compliance rule means, and how to put it right. */
export interface RuleWords {
  readonly title: string
  readonly explanation: string
  readonly howToResolve: string
  /** How a measured or required value is said; otherwise as it is. */
  readonly say?: (value: string | number | boolean) => string
  /** Words that take the place of these where exactly this was measured. */
  readonly where?: Readonly<Record<string, RuleWords>>
}

/** What is wrong, and how a person puts it right. */
export interface FixWords {
  readonly title: string
  readonly howToResolve: string
}

/** Every sentence that notices, portal and console say to people about access. */
export interface Words {
  readonly reasons: Readonly<Record<AccessStateReason | 'inGracePeriod', ReasonWords>>
  readonly rules: Readonly<Record<string, RuleWords>>
  /** For a rule without words of its own: by what puts it right, with what is demanded. */
  readonly fixes: Readonly<Record<Fix, FixWords>>
  readonly demanded: (title: string) => string
  readonly unknownRule: RuleWords
  readonly states: Readonly<Record<AccessState, string>>
  readonly notReported: string
  readonly notEvaluated: string
  readonly yes: string
  readonly no: string
  readonly unknown: string
  /** Labels of the device data, in the order in which they are listed. */
  readonly labels: Readonly<Record<DeviceField, string>>
  readonly issues: string
  readonly found: string
  readonly needed: string
  readonly openPage: string
  readonly deviceTitle: string
  readonly hello: (name: string) => string
  readonly footer: string
  readonly administrator: {
    readonly subject: (user: string, state: string) => string
    readonly explanation: (user: string, mail: string, state: string) => string
    readonly footer: string
  }
}

/** The eleven fields of the device data block. */
export type DeviceField =
  | 'model'
  | 'type'
  | 'id'
  | 'operatingSystem'
  | 'userAgent'
  | 'imei'
  | 'easVersion'
  | 'accessState'
  | 'accessStateReason'
  | 'sentAt'
  | 'sentTo'

/** A moment that a device told, for people; whatever is none, as it is. */
export const sayTime = (value: string | boolean): string => {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? String(value) : writeTime(at)
}

/** A moment for people, to the minute, in UTC. */
export function writeTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
