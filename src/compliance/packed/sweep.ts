import { type Lookup, lookupsOf, mostLists } from './lookup.ts'
import { movedBits, type Plan } from './plan.ts'
import { type Columns, inDoubt } from './table.ts'
import type { Values } from './values.ts'

/** What becomes of a cohort: whom the plan, if there is one, lets pass is in that cohort then. */
export interface Way {
  readonly to: number
  readonly plan: Plan | undefined
}

/** Rows at a time: what is kept of them between two loops stays in a near cache, and each column is read in long stretches. */
const chunk = 8192

/**
 * The one pass: whoever keeps the verdict goes over to the next cohort, whoever may not is in doubt. Returns how many came
 * into doubt. Loop after loop over one or two columns, without a branch: one row after the other, each asked everything,
 * takes five times as long.
 */
export function sweep(
  columns: Columns,
  count: number,
  ways: readonly Way[],
  values: Values,
): number {
  const to = Int32Array.from(ways, (way) => way.to)
  const rounds = roundsOf(ways, values)
  const isMoving = ways.some(({ plan }) => plan?.moves)
  const said = new Int32Array(chunk)
  let doubted = 0
  for (let from = 0; from < count; from += chunk) {
    const rows = Math.min(chunk, count - from)
    for (const round of rounds) {
      said.fill(0)
      for (const { half, bits } of round.gone)
        sayGone(said, columns[half], columns.cohorts, bits, from, rows)
      for (const { code, says } of round.lookups)
        sayNew(said, columns.codes[code] ?? none, says, from, rows)
      doubted += doubt(said, columns.cohorts, round.own, from, rows)
    }
    if (isMoving) move(columns, ways, from, rows)
    doubted += goOver(columns.cohorts, to, from, rows)
  }
  return doubted
}

const none = new Uint16Array(0)

/** Plans that are asked together; by the number of the cohort. */
interface Round {
  readonly lookups: readonly Lookup[]
  /** The bits of checks that are gone, for each half of them where some are. */
  readonly gone: readonly { readonly half: 'low' | 'high'; readonly bits: Int32Array }[]
  /** The bit of its plan; 0 where its plan is of another round, or there is none. */
  readonly own: Int32Array
}

function roundsOf(ways: readonly Way[], values: Values): readonly Round[] {
  const plans = [...new Set(ways.map(({ plan }) => plan).filter((plan) => plan !== undefined))]
  const starts = Array.from(
    { length: Math.ceil(plans.length / mostLists) },
    (_, round) => round * mostLists,
  )
  return starts.map((start) => {
    const asked = plans.slice(start, start + mostLists)
    const byCohort = (value: (plan: Plan, bit: number) => number) =>
      Int32Array.from(ways, ({ plan }) => {
        const bit = plan ? asked.indexOf(plan) : -1
        return plan && bit >= 0 ? value(plan, bit) : 0
      })
    return {
      lookups: lookupsOf(
        asked.map(({ tests }) => tests),
        values,
      ),
      gone: [
        { half: 'low' as const, bits: byCohort(({ goneLow }) => goneLow) },
        { half: 'high' as const, bits: byCohort(({ goneHigh }) => goneHigh) },
      ].filter(({ bits }) => bits.some((bit) => bit !== 0)),
      own: byCohort((_, bit) => 1 << bit),
    }
  })
}

/** All bits where a check that is gone had something to say. */
function sayGone(
  said: Int32Array,
  half: Int32Array,
  cohorts: Int32Array,
  gone: Int32Array,
  from: number,
  rows: number,
): void {
  for (let row = 0; row < rows; row++) {
    const hit = (half[from + row] ?? -1) & (gone[cohorts[from + row] ?? -1] ?? -1)
    said[row] = (said[row] ?? -1) | (hit === 0 ? 0 : -1)
  }
}

/** The bits of the plans of which a new check has something to say. */
function sayNew(
  said: Int32Array,
  codes: Uint16Array,
  says: Int32Array,
  from: number,
  rows: number,
): void {
  for (let row = 0; row < rows; row++)
    said[row] = (said[row] ?? -1) | (says[codes[from + row] ?? -1] ?? -1)
}

/** Where something is said for the plan of its own cohort, a device is in doubt. */
function doubt(
  said: Int32Array,
  cohorts: Int32Array,
  own: Int32Array,
  from: number,
  rows: number,
): number {
  let doubted = 0
  for (let row = 0; row < rows; row++)
    if (((said[row] ?? -1) & (own[cohorts[from + row] ?? inDoubt] ?? -1)) !== 0) {
      cohorts[from + row] = inDoubt
      doubted += 1
    }
  return doubted
}

/** What was said stands at the places of the next set. */
function move(
  { cohorts, low, high }: Columns,
  ways: readonly Way[],
  from: number,
  rows: number,
): void {
  for (let row = from; row < from + rows; row++) {
    const [lowBits, highBits] = [low[row] ?? 0, high[row] ?? 0]
    const moves = (lowBits | highBits) !== 0 && ways[cohorts[row] ?? inDoubt]?.plan?.moves
    if (!moves) continue
    const [toLow, toHigh] = movedBits(moves, lowBits, highBits)
    low[row] = toLow
    high[row] = toHigh
  }
}

/** From each cohort to its next one; returns how many came into doubt by that. */
function goOver(cohorts: Int32Array, to: Int32Array, from: number, rows: number): number {
  let doubted = 0
  for (let row = from; row < from + rows; row++) {
    const was = cohorts[row] ?? inDoubt
    const is = to[was] ?? inDoubt
    cohorts[row] = is
    if (is !== was && is === inDoubt) doubted += 1
  }
  return doubted
}
