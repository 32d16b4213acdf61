import { codeCount } from './layout.ts'

/** A column per thing that is kept of devices: a pass reads those that it needs, one after the other. */
export interface Columns {
  /** The number of the cohort; 0 where something of the device is in doubt. */
  readonly cohorts: Int32Array
  /** A bit per check of the set that judged the device, set where the check had something to say. */
  readonly low: Int32Array
  readonly high: Int32Array
  /** What the device says of itself: numbers of values, several of them in each. */
  readonly codes: readonly Uint16Array[]
  readonly judgedAt: Float64Array
  /** The next device of the same owner, so that an owner costs no list. */
  readonly next: Int32Array
}

/** The number of the cohort of a device of which something is in doubt. */
export const inDoubt = 0

/** The rows of devices. */
export interface Table {
  columns(): Columns
  /** How many devices there are. */
  count(): number
  /** Which row is the device's; it gets one where it has none. */
  rowOf(id: string, owner: string): number
  find(id: string): number | undefined
  ofOwner(owner: string): Iterable<number>
  clear(): void
}

const none = -1

/** No rows yet. */
export function createTable(): Table {
  const rows = new Map<string, number>()
  /** The first device of an owner. */
  const first = new Map<string, number>()
  let columns = columnsOf(0)

  return {
    columns: () => columns,
    count: () => rows.size,
    rowOf(id, owner) {
      const known = rows.get(id)
      if (known !== undefined) return known
      const fresh = rows.size
      if (fresh >= columns.next.length)
        columns = columnsOf(Math.max(64, Math.ceil(fresh * 1.5)), columns)
      rows.set(id, fresh)
      columns.next[fresh] = first.get(owner) ?? none
      first.set(owner, fresh)
      return fresh
    },
    find: (id) => rows.get(id),
    *ofOwner(owner) {
      for (let row = first.get(owner) ?? none; row !== none; row = columns.next[row] ?? none)
        yield row
    },
    clear() {
      rows.clear()
      first.clear()
      columns.cohorts.fill(inDoubt)
    },
  }
}

/** Bytes of a row, whatever the ids take. */
export const rowBytes = 4 * Int32Array.BYTES_PER_ELEMENT + codeCount * 2 + 8

function columnsOf(count: number, old?: Columns): Columns {
  const grown = <C extends Int32Array | Uint16Array | Float64Array>(fresh: C, from?: C): C => {
    if (from) fresh.set(from)
    return fresh
  }
  return {
    cohorts: grown(new Int32Array(count), old?.cohorts),
    low: grown(new Int32Array(count), old?.low),
    high: grown(new Int32Array(count), old?.high),
    codes: Array.from({ length: codeCount }, (_, code) =>
      grown(new Uint16Array(count), old?.codes[code]),
    ),
    judgedAt: grown(new Float64Array(count), old?.judgedAt),
    next: grown(new Int32Array(count), old?.next),
  }
}
