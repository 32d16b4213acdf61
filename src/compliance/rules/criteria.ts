import type { FactName, FactValues } from '../../devices/facts.ts'
import { compareVersions, readBuild, readDay, type Version } from '../version.ts'
import type { Check, Criterion, Hint, Ruling, Terms, Value } from './rule.ts'

type Named<T> = {
  [K in FactName]: FactValues[K] extends T ? (T extends FactValues[K] ? K : never) : never
}[FactName]

type FlagFact = Named<boolean>
type CountFact = Named<number>
type TextFact = Named<string>

/** Nothing to say: the same object for every device that passes. */
export const pass: Ruling = { says: 'pass' }

/** A switch: where it is on, the fact must have this value. */
export function mustBe(fact: FlagFact, wanted: boolean): Criterion<boolean> {
  const absent: Ruling = { says: 'notReported', required: wanted }
  const failed: Ruling = { says: 'fail', measured: !wanted, required: wanted }
  const check: Check = ({ facts }) => {
    const known = facts[fact]
    if (!known) return absent
    return known.value === wanted ? pass : failed
  }
  return {
    facts: [fact],
    kind: wanted ? 'isTrue' : 'isFalse',
    compare: (a, b) => Number(a) - Number(b),
    compile: () => check,
    show: () => wanted,
  }
}

/** A number that must be reached. */
export function atLeast(fact: CountFact): Criterion<number> {
  return {
    facts: [fact],
    kind: 'atLeast',
    compare: (a, b) => a - b,
    compile: (required) => numberCheck(fact, required, (measured) => measured >= required),
    show: (required) => required,
  }
}

/** A number that must not be passed; of some facts 0 says `never`, which is more than any number. */
export function atMost(fact: CountFact, zero: 'isZero' | 'isNever'): Criterion<number> {
  const never = zero === 'isNever'
  return {
    facts: [fact],
    kind: never ? 'atMostNotZero' : 'atMost',
    compare: (a, b) => b - a,
    compile: (required) =>
      numberCheck(fact, required, (measured) => measured <= required && !(never && measured === 0)),
    show: (required) => required,
  }
}

function numberCheck(
  fact: CountFact,
  required: number,
  meets: (measured: number) => boolean,
): Check {
  const absent: Ruling = { says: 'notReported', required }
  return ({ facts }) => {
    const known = facts[fact]
    if (!known) return absent
    return meets(known.value) ? pass : { says: 'fail', measured: known.value, required }
  }
}

/** A choice out of ordered ones, of which at least or at most this one must be. `same`: other words for some. */
export function ranked<R extends string>(
  fact: FactName,
  order: readonly string[],
  side: 'atLeast' | 'atMost',
  same: Readonly<Record<string, string>> = {},
): Criterion<R> {
  const rank = (choice: string) => order.indexOf(same[choice] ?? choice)
  const sign = side === 'atLeast' ? 1 : -1
  return {
    facts: [fact],
    kind: side === 'atLeast' ? 'rankAtLeast' : 'rankAtMost',
    compare: (a, b) => sign * (rank(a) - rank(b)),
    compile(required) {
      const absent: Ruling = { says: 'notReported', required }
      const demanded = rank(required)
      return ({ facts }) => {
        const known = facts[fact]
        if (!known) return absent
        const measured = String(known.value)
        const found = rank(measured)
        if (found < 0) return { says: 'error', measured, required }
        if (sign * (found - demanded) >= 0) return pass
        return { says: 'fail', measured, required }
      }
    },
    show: (required) => required,
  }
}

type Read = (text: string, terms: Terms) => Version | undefined

/** A version, compared number by number. */
export const versionNumber = (fact: TextFact, side: 'atLeast' | 'atMost') =>
  ordered('version', fact, side, (text, terms) => terms.version(text))

/** Build strings of Apple. */
export const buildVersion = (fact: TextFact, side: 'atLeast' | 'atMost') =>
  ordered('build', fact, side, readBuild)

/** A day, as Android writes its security patch level. */
export const sinceDay = (fact: TextFact) => ordered('day', fact, 'atLeast', readDay)

function ordered(
  kind: string,
  fact: TextFact,
  side: 'atLeast' | 'atMost',
  read: Read,
): Criterion<string> {
  const sign = side === 'atLeast' ? 1 : -1
  return {
    facts: [fact],
    kind: side === 'atLeast' ? `${kind}AtLeast` : `${kind}AtMost`,
    compare(a, b, terms) {
      const [one, other] = [read(a, terms), read(b, terms)]
      return one && other ? sign * compareVersions(one, other) : 0
    },
    compile(required, terms) {
      const absent: Ruling = { says: 'notReported', required }
      const bound = read(required, terms)
      return ({ facts }) => {
        const known = facts[fact]
        if (!known) return absent
        const measured = read(known.value, terms)
        // Neither reading is taken for old or new: 7.0 typed as "7,0" must not become a version 0 that all devices pass.
        if (!bound || !measured) return { says: 'error', measured: known.value, required }
        if (sign * compareVersions(measured, bound) >= 0) return pass
        return { says: 'fail', measured: known.value, required, ...hintOf(bound, measured, terms) }
      }
    },
    show: (required) => required,
  }
}

function hintOf(bound: Version, measured: Version, { platform }: Terms): { hint?: Hint } {
  const trap = platform === 'windows' && isVersion(measured, 6, 3) && isVersion(bound, 8, 1)
  return trap ? { hint: 'windows81Reports63' } : {}
}

const isVersion = ([first, second]: Version, major: number, minor: number) =>
  first === major && second === minor

/** Several switches of which every one must be on; the first that is off is what is found. */
export function allOf(facts: readonly FlagFact[]): Criterion<boolean> {
  const absent: Ruling = { says: 'notReported', required: true }
  const check: Check = ({ facts: known }) => {
    const off = facts.find((fact) => known[fact]?.value === false)
    if (off) return { says: 'fail', measured: `${off} = false`, required: true }
    return facts.every((fact) => known[fact]) ? pass : absent
  }
  return own(facts, 'allTrue', check)
}

/** Something must be reported, whatever it says. */
export function anyReported(facts: readonly FactName[]): Criterion<boolean> {
  const absent: Ruling = { says: 'notReported', required: true }
  return own(facts, 'anyReported', ({ facts: known }) =>
    facts.some((fact) => known[fact]) ? pass : absent,
  )
}

/** A switch with a check of its own. */
export function own(facts: readonly FactName[], kind: string, check: Check): Criterion<boolean> {
  return {
    facts,
    kind,
    compare: (a, b) => Number(a) - Number(b),
    compile: () => check,
    show: (): Value => true,
  }
}
