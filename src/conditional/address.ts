/** An IP address or a range of them, as numbers; IPv4 within `::ffff:0:0/96`, as RFC 4291 2.5.5.2 maps it. */
export interface AddressRange {
  readonly lower: bigint
  readonly upper: bigint
}

const mapped = 0xffffn << 32n

/** An IPv4 or IPv6 address as a number; `undefined` where it is none. A zone (`%eth0`) is left out. */
export function readAddress(text: string): bigint | undefined {
  const [bare = ''] = text.trim().split('%')
  if (!bare.includes(':')) {
    const four = readFour(bare)
    return four === undefined ? undefined : mapped | four
  }
  return readSix(bare)
}

function readFour(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    // A leading zero is octal to some readers and decimal to others: neither is taken.
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function readSix(text: string): bigint | undefined {
  const cut = text.lastIndexOf(':')
  const tail = text.slice(cut + 1)
  if (tail.includes('.')) {
    const four = readFour(tail)
    if (four === undefined) return undefined
    const high = (four >> 16n).toString(16)
    return readSix(`${text.slice(0, cut + 1)}${high}:${(four & 0xffffn).toString(16)}`)
  }
  const [head = '', rest, more] = text.split('::')
  if (more !== undefined) return undefined
  const before = groupsOf(head)
  const after = rest === undefined ? [] : groupsOf(rest)
  if (!before || !after) return undefined
  const missing = 8 - before.length - after.length
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...before, ...Array.from({ length: missing }, () => 0n), ...after]
  return groups.reduce((value, group) => (value << 16n) | group, 0n)
}

function groupsOf(text: string): bigint[] | undefined {
  if (text === '') return []
  const groups = text.split(':')
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  return groups.map((group) => BigInt(`0x${group}`))
}

/** `192.0.2.0/24` or `2001:db8::/32` (RFC 4632 3.1, RFC 4291 2.3), or one address; `undefined` where it is neither. */
export function readCidr(text: string): AddressRange | undefined {
  const [base = '', bits, more] = text.split('/')
  const address = readAddress(base)
  if (address === undefined || more !== undefined) return undefined
  if (bits === undefined) return { lower: address, upper: address }
  const width = base.includes(':') ? 128 : 32
  if (!/^[0-9]{1,3}$/.test(bits) || Number(bits) > width) return undefined
  const span = (1n << BigInt(width - Number(bits))) - 1n
  const lower = address & ~span
  return { lower, upper: lower | span }
}

/** Overlapping ranges made one, in order: what `isWithin` searches. */
export function joinRanges(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const joined: AddressRange[] = []
  for (const range of ranges.toSorted((a, b) => (a.lower < b.lower ? -1 : 1))) {
    const last = joined.at(-1)
    if (last && range.lower <= last.upper + 1n) {
      const upper = range.upper > last.upper ? range.upper : last.upper
      joined[joined.length - 1] = { lower: last.lower, upper }
    } else joined.push(range)
  }
  return joined
}

/** Whether the address lies in one of the joined ranges: by halving. */
export function isWithin(ranges: readonly AddressRange[], address: bigint): boolean {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const range = ranges[middle]
    if (!range) return false
    if (address < range.lower) high = middle - 1
    else if (address > range.upper) low = middle + 1
    else return true
  }
  return false
}
