/** An address as a number. IPv4 written inside IPv6 (`::ffff:192.0.2.1`, RFC 4291 2.5.5.2) is IPv4, so that nobody leaves a place by spelling. */
export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

/** Addresses of one family, both ends included. */
export interface AddressRange {
  readonly family: 4 | 6
  readonly low: bigint
  readonly high: bigint
}

const mappedPrefix = 0xffffn

/** Reads an address; a zone (`%eth0`) is left out of it. Undefined: no address. */
export function readAddress(text: string): Address | undefined {
  const four = readFour(text)
  if (four !== undefined) return { family: 4, value: BigInt(four) }
  const value = readSix(text.replace(/%[^%]*$/, ''))
  if (value === undefined) return undefined
  if (value >> 32n === mappedPrefix) return { family: 4, value: value & 0xffff_ffffn }
  return { family: 6, value }
}

const dot = 46
const zero = 48

/** Four decimal numbers from 0 to 255 without leading zeros, which some read as octal. Undefined: anything else. */
export function readFour(text: string): number | undefined {
  let value = 0
  let part = 0
  let digits = 0
  let parts = 0
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? dot : text.charCodeAt(at)
    if (code === dot) {
      if (digits === 0 || part > 255 || ++parts > 4) return undefined
      value = value * 256 + part
      part = 0
      digits = 0
    } else {
      if (code < zero || code > zero + 9 || (digits > 0 && part === 0) || ++digits > 3)
        return undefined
      part = part * 10 + code - zero
    }
  }
  return parts === 4 ? value : undefined
}

/** RFC 4291 2.2: eight groups, one `::` for groups of zeros, the last two perhaps as IPv4. */
function readSix(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2 || text.length > 45) return undefined
  const [head, tail] = halves.map((half, n) => readGroups(half, n === halves.length - 1))
  if (!head || (halves.length === 2 && !tail)) return undefined
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])]
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n)
}

function readGroups(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const words = text.split(':')
  for (const [n, word] of words.entries()) {
    const four = isLast && n === words.length - 1 ? readFour(word) : undefined
    if (four !== undefined) groups.push(Math.floor(four / 65_536), four % 65_536)
    else if (/^[0-9a-f]{1,4}$/i.test(word)) groups.push(Number.parseInt(word, 16))
    else return undefined
  }
  return groups
}

/** Reads `192.0.2.0/24`, `2001:db8::/32` or one address; bits behind the mask do not count. Undefined: none of these. */
export function readCidr(text: string): AddressRange | undefined {
  const [, base = '', mask] = /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? []
  const address = readAddress(base)
  if (!address) return undefined
  // A mask of an IPv4 address that is written as IPv6 counts from the front of the IPv6 form.
  const isMapped = address.family === 4 && base.includes(':')
  const width = address.family === 4 ? 32 : 128
  const length = mask === undefined ? width : Number(mask) - (isMapped ? 96 : 0)
  if (length < 0 || length > width) return undefined
  const free = (1n << BigInt(width - length)) - 1n
  const high = address.value | free
  return { family: address.family, low: high ^ free, high }
}

/** Reads the two ends of a range. Undefined: no addresses, two families, or the wrong way round. */
export function readSpan(lower: string, upper: string): AddressRange | undefined {
  const low = readAddress(lower)
  const high = readAddress(upper)
  if (!low || !high || low.family !== high.family || low.value > high.value) return undefined
  return { family: low.family, low: low.value, high: high.value }
}

/** Says quickly in which of many lists of ranges an address lies. */
export interface AddressTable {
  /** Every answer there is: numbers of lists, ascending. The first is the empty one. */
  readonly cells: readonly (readonly number[])[]
  /** The answer for an address, as a place in `cells`; for what is no address, 0. */
  cellOf(address: string): number
}

/** Cuts both address spaces where any range begins or ends: between two cuts the answer is always the same. */
export function createAddressTable(lists: readonly (readonly AddressRange[])[]): AddressTable {
  const cells: (readonly number[])[] = [[]]
  const numbers = new Map<string, number>([['', 0]])
  const numberOf = (members: readonly number[]): number => {
    const name = members.join()
    const known = numbers.get(name)
    if (known !== undefined) return known
    numbers.set(name, cells.length)
    return cells.push(members) - 1
  }
  const four = cut(lists, 4, numberOf)
  const six = cut(lists, 6, numberOf)
  const starts = Uint32Array.from(four.starts, Number)
  return {
    cells,
    cellOf(text) {
      const quick = readFour(text)
      if (quick !== undefined) return four.cells[lastUpTo(starts, quick)] ?? 0
      const address = readAddress(text)
      if (!address) return 0
      const { starts: own, cells: found } = address.family === 4 ? four : six
      return found[lastUpTo(own, address.value)] ?? 0
    },
  }
}

interface Cuts {
  readonly starts: readonly bigint[]
  readonly cells: readonly number[]
}

function cut(
  lists: readonly (readonly AddressRange[])[],
  family: 4 | 6,
  numberOf: (members: readonly number[]) => number,
): Cuts {
  const end = 1n << (family === 4 ? 32n : 128n)
  const turns: { at: bigint; list: number; by: 1 | -1 }[] = []
  for (const [list, ranges] of lists.entries())
    for (const { low, high } of ranges.filter((range) => range.family === family))
      turns.push({ at: low, list, by: 1 }, { at: high + 1n, list, by: -1 })
  turns.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  const open = new Map<number, number>()
  const starts: bigint[] = []
  const cells: number[] = []
  for (const [n, { at, list, by }] of turns.entries()) {
    const depth = (open.get(list) ?? 0) + by
    if (depth === 0) open.delete(list)
    else open.set(list, depth)
    if (at === turns[n + 1]?.at || at === end) continue
    starts.push(at)
    cells.push(numberOf([...open.keys()].sort((a, b) => a - b)))
  }
  return { starts, cells }
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
