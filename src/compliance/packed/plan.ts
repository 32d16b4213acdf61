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
  /** Word, mask and what it must be, one after the other: new checks of switches, those of one word together. */
  readonly switches: Int32Array
  /** Word, shift, mask and place in `tables`, one after the other: other new checks of one fact. */
  readonly lookups: Int32Array
  /** New checks of several facts. */
  readonly wide: readonly Wide[]
  /** 1 for each number of which a check has something to say. */
  readonly tables: Uint8Array
  /** From the place in the old set to that in the new one, of checks in both; `undefined` where all keep theirs. */
  readonly moves: ReadonlyMap<number, number> | undefined
}

interface Wide {
  readonly fields: readonly Field[]
  readonly at: number
}

/** The plan from one set to another; `undefined` where every device must be judged. */
export function planBetween(old: PolicySet, next: PolicySet, values: Values): Plan | undefined {
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
  return { goneLow, goneHigh, ...assemble(tests), moves: moved ? moves : undefined }
}

/** Other than 0 where a new check has something to say of the device whose facts stand there. */
export function says(plan: Plan, words: Int32Array, at: number): number {
  const { switches, lookups, tables, wide } = plan
  let said = 0
  for (let one = 0; one < switches.length; one += 3) {
    const word = words[at + (switches[one] ?? 0)] ?? 0
    said |= (word & (switches[one + 1] ?? 0)) ^ (switches[one + 2] ?? 0)
  }
  for (let one = 0; one < lookups.length; one += 4) {
    const word = words[at + (lookups[one] ?? 0)] ?? 0
    const number = (word >>> (lookups[one + 1] ?? 0)) & (lookups[one + 2] ?? 0)
    said |= tables[(lookups[one + 3] ?? 0) + number] ?? 1
  }
  return wide.length === 0 ? said : said | saysWide(plan, words, at)
}

function saysWide({ tables, wide }: Plan, words: Int32Array, at: number): number {
  let said = 0
  for (const { fields, at: table } of wide) {
    let [number, shift] = [0, 0]
    for (const field of fields) {
      number |= (((words[at + field.word] ?? 0) >>> field.shift) & oddOf(field)) << shift
      shift += field.bits
    }
    said |= tables[table + number] ?? 1
  }
  return said
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

/** A check by the numbers of values: what it says something of. */
interface Test {
  readonly fields: readonly Field[]
  readonly says: Uint8Array
}

function testOf({ setting, policy }: SetCheck, forced: boolean, values: Values): Test | undefined {
  if (!isSettingName(setting.setting)) return undefined
  const fields = fieldsOf(ruleOf(setting.setting).criterion)
  if (!fields) return undefined
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
  return { fields, says }
}

function withFact(facts: Facts, fact: FactName, value: unknown): Facts {
  if (value === undefined) return facts
  const told = { value, trust: 'managed', source: '', at: 0 }
  return { ...facts, [fact]: told }
}

function assemble(tests: readonly Test[]): Pick<Plan, 'switches' | 'lookups' | 'wide' | 'tables'> {
  const switches = new Map<number, Wanted>()
  const single: Look[] = []
  const several: Test[] = []
  for (const { fields, says } of tests) {
    const [field, second] = fields
    if (!field || second) {
      several.push({ fields, says })
      continue
    }
    const wanted = wantedOf(field, says)
    const known = switches.get(field.word)
    if (!wanted || !fits(known, wanted)) single.push({ ...field, says })
    else
      switches.set(field.word, {
        mask: (known?.mask ?? 0) | wanted.mask,
        wanted: (known?.wanted ?? 0) | wanted.wanted,
      })
  }
  const looks = merged(single)
  const tables = [...looks, ...several].map(({ says }) => says)
  const places = tables.map((_, which) =>
    tables.slice(0, which).reduce((sum, { length }) => sum + length, 0),
  )
  const at = (which: number) => places[which] ?? 0
  return {
    switches: Int32Array.from(
      [...switches].flatMap(([word, { mask, wanted }]) => [word, mask, wanted]),
    ),
    lookups: Int32Array.from(
      looks.flatMap(({ word, shift, bits }, which) => [word, shift, 2 ** bits - 1, at(which)]),
    ),
    wide: several.map(({ fields }, which) => ({ fields, at: at(looks.length + which) })),
    tables: joined(tables, at(tables.length - 1) + (tables.at(-1)?.length ?? 0)),
  }
}

/** A table for some bits of one word. */
type Look = Pick<Field, 'word' | 'shift' | 'bits'> & Pick<Test, 'says'>

/** Longer tables would leave the nearest cache. */
const mergedBits = 12

/** As few tables as there can be: those of one field become one, and so do those of two that stand side by side. */
function merged(looks: readonly Look[]): readonly Look[] {
  const ordered = [...looks].sort((a, b) => a.word - b.word || a.shift - b.shift)
  const few: Look[] = []
  for (const look of ordered) {
    const last = few.at(-1)
    const one = last && sideBySide(last, look)
    if (one) few.pop()
    few.push(one ?? look)
  }
  return few
}

function sideBySide(a: Look, b: Look): Look | undefined {
  if (a.word !== b.word) return undefined
  if (a.shift === b.shift && a.bits === b.bits)
    return { ...a, says: a.says.map((one, number) => one | (b.says[number] ?? 1)) }
  const bits = a.bits + b.bits
  if (b.shift !== a.shift + a.bits || bits > mergedBits) return undefined
  const says = new Uint8Array(2 ** bits)
  const low = 2 ** a.bits - 1
  for (let number = 0; number < says.length; number++)
    says[number] = (a.says[number & low] ?? 1) | (b.says[number >>> a.bits] ?? 1)
  return { ...a, bits, says }
}

function joined(tables: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length)
  let at = 0
  for (const table of tables) {
    all.set(table, at)
    at += table.length
  }
  return all
}

interface Wanted {
  readonly mask: number
  readonly wanted: number
}

/** What bits of its word a switch must have for its check to say nothing, where that can be told so. */
function wantedOf({ kind, shift }: Field, says: Uint8Array): Wanted | undefined {
  if (kind !== 'flag') return undefined
  for (const mask of [3, 1, 2])
    for (const wanted of [0, 1, 2]) {
      if (wanted & ~mask) continue
      const same = (number: number) => ((number & mask) !== wanted) === (says[number] === 1)
      if ([0, 1, 2, 3].every(same)) return { mask: mask << shift, wanted: wanted << shift }
    }
  return undefined
}

/** Two checks of one switch may want what cannot be both. */
function fits(known: Wanted | undefined, { mask, wanted }: Wanted): boolean {
  if (!known) return true
  const both = known.mask & mask
  return (known.wanted & both) === (wanted & both)
}
