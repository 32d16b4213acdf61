import type { FactName, Facts } from '../../devices/facts.ts'
import { stateOf } from '../reading.ts'
import { isSettingName, ruleOf } from '../rules/registry.ts'
import { type Field, fieldsOf } from './layout.ts'
import type { PolicySet, SetCheck } from './policy-set.ts'
import { oddOf, type Values } from './values.ts'

/**
 * How to tell of a device that was judged by one set whether another one could say anything else: whether a check that is
 * gone had something to say, or one that is new has. Checks that are in both say the same, as the facts are the same.
 */
export interface Plan {
  /** The bits of the checks that are gone: where none of them is set, they said nothing. */
  readonly goneLow: number
  readonly goneHigh: number
  /** What of the new checks has something to say. */
  readonly tests: readonly Test[]
  /** From the place in the old set to that in the new one, of checks in both; `undefined` where all keep theirs. */
  readonly moves: ReadonlyMap<number, number> | undefined
}

/** Plans, each made once. */
export interface Plans {
  /** The plan from one set to another; `undefined` where every device must be judged. */
  between(old: PolicySet, next: PolicySet): Plan | undefined
}

/** No plans yet; they are true as long as there are no other values than now. */
export function createPlans(values: Values): Plans {
  const known = new Map<string, Plan | undefined>()
  return {
    between(old, next) {
      const key = `${old.id}:${next.id}`
      if (!known.has(key)) known.set(key, planBetween(old, next, values))
      return known.get(key)
    },
  }
}

function planBetween(old: PolicySet, next: PolicySet, values: Values): Plan | undefined {
  if (old.heading !== next.heading) return undefined
  const [before, after] = [keysOf(old), keysOf(next)]
  const gone: [number, number] = [0, 0]
  const moves = new Map<number, number>()
  for (const [key, place] of before) {
    const now = after.get(key)
    if (now === undefined) gone[place >>> 5 ? 1 : 0] |= 1 << (place & 31)
    else moves.set(place, now)
  }
  const tests: Test[] = []
  for (const check of next.checks) {
    if (before.has(check.key)) continue
    const test = testOf(check, next.forced, values)
    if (!test) return undefined
    tests.push(test)
  }
  const moved = [...moves].some(([from, to]) => from !== to)
  const [goneLow, goneHigh] = gone
  return { goneLow, goneHigh, tests, moves: moved ? moves : undefined }
}

/** The bits at the places of the next set. */
export function movedBits(
  moves: ReadonlyMap<number, number>,
  low: number,
  high: number,
): readonly [number, number] {
  const moved: [number, number] = [0, 0]
  for (const [from, to] of moves)
    if (((from >>> 5 ? high : low) >>> (from & 31)) & 1) moved[to >>> 5 ? 1 : 0] |= 1 << (to & 31)
  return moved
}

const keysOf = ({ checks }: PolicySet): ReadonlyMap<string, number> =>
  new Map(checks.map(({ key }, place) => [key, place]))

/** A check by the numbers of values. */
export interface Test {
  readonly code: number
  readonly fields: readonly Field[]
  /** 1 for each number that the fields make together of which it has something to say. */
  readonly says: Uint8Array
}

function testOf({ setting, policy }: SetCheck, forced: boolean, values: Values): Test | undefined {
  if (!isSettingName(setting.setting)) return undefined
  const fields = fieldsOf(ruleOf(setting.setting).criterion)
  const [first] = fields ?? []
  if (!fields || !first) return undefined
  const bits = fields.reduce((sum, field) => sum + field.bits, 0)
  const says = new Uint8Array(2 ** bits).fill(1)
  const saysNothing = (facts: Facts) => {
    const ruling = setting.check({ facts, lastReportAt: undefined }, 0)
    const state = stateOf(ruling, setting, policy, { forced })
    return state === 'compliant' || state === 'unknown'
  }
  const fill = (left: readonly Field[], number: number, shift: number, facts: Facts): void => {
    const [field, ...rest] = left
    if (!field) {
      if (saysNothing(facts)) says[number] = 0
      return
    }
    for (const [one, value] of values.known(field).entries())
      if (one < oddOf(field))
        fill(rest, number | (one << shift), shift + field.bits, withFact(facts, field.fact, value))
  }
  fill(fields, 0, 0, {})
  return { code: first.code, fields, says }
}

function withFact(facts: Facts, fact: FactName, value: unknown): Facts {
  if (value === undefined) return facts
  const told = { value, trust: 'managed', source: '', at: 0 }
  return { ...facts, [fact]: told }
}
