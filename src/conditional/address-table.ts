import { type AddressRange, isMapped, mappedStart, readAddress, readFour } from './address.ts'

/** Says quickly in which of many lists of ranges an address lies. */
export interface AddressTable {
  /** Every answer there is: numbers of lists, ascending. The first is the empty one. */
  readonly cells: readonly (readonly number[])[]
  /** The answer for an address, as a place in `cells`; for what is no address, 0. */
  cellOf(address: string): number
}

/** Cuts the addresses where any range begins or ends: between two cuts the answer is always the same. */
export function createAddressTable(lists: readonly (readonly AddressRange[])[]): AddressTable {
  const { starts, cellAt, cells } = cut(lists)
  // Most addresses are IPv4: their cuts again, as plain numbers. What holds at the first of them is cut there, too.
  const four = starts.flatMap((start, n) => (isMapped(start) ? [n] : []))
  const quickStarts = Uint32Array.from(four, (n) => Number((starts[n] ?? 0n) - mappedStart))
  const quickCells = Uint32Array.from(four, (n) => cellAt[n] ?? 0)
  return {
    cells,
    cellOf(text) {
      const quick = readFour(text)
      if (quick !== undefined) return quickCells[lastUpTo(quickStarts, quick)] ?? 0
      const address = readAddress(text)
      return address === undefined ? 0 : (cellAt[lastUpTo(starts, address)] ?? 0)
    },
  }
}

interface Cuts {
  readonly starts: readonly bigint[]
  /** For each start, what holds from there on: a place in `cells`. */
  readonly cellAt: readonly number[]
  readonly cells: readonly (readonly number[])[]
}

function cut(lists: readonly (readonly AddressRange[])[]): Cuts {
  const turns = [{ at: mappedStart, list: -1, by: 0 }]
  for (const [list, ranges] of lists.entries())
    for (const { lower, upper } of ranges)
      turns.push({ at: lower, list, by: 1 }, { at: upper + 1n, list, by: -1 })
  turns.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  const cells: (readonly number[])[] = [[]]
  const places = new Map([['', 0]])
  const open = new Map<number, number>()
  const starts: bigint[] = []
  const cellAt: number[] = []
  for (const [n, { at, list, by }] of turns.entries()) {
    const depth = (open.get(list) ?? 0) + by
    if (depth === 0) open.delete(list)
    else open.set(list, depth)
    if (at === turns[n + 1]?.at) continue
    const members = [...open.keys()].sort((a, b) => a - b)
    const known = places.get(members.join()) ?? cells.push(members) - 1
    places.set(members.join(), known)
    starts.push(at)
    cellAt.push(known)
  }
  return { starts, cellAt, cells }
}

/** The place of the last start that is not beyond `value`; -1 before all of them. */
function lastUpTo<T extends number | bigint>(starts: ArrayLike<T>, value: T): number {
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const start = starts[middle]
    if (start !== undefined && start <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}
