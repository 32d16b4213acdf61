/** An IP address or a range of them, as numbers; IPv4 within `::ffff:0:0/96`, as RFC 4291 2.5.5.2 maps it. */
export interface AddressRange {
  readonly lower: bigint
  readonly upper: bigint
}

/** The first IPv4 address, 0.0.0.0. */
export const mappedStart = 0xffffn << 32n

/** Whether it is an IPv4 address. */
export const isMapped = (address: bigint): boolean => address >> 32n === 0xffffn

/** An IPv4 or IPv6 address as a number; `undefined` where it is none. A zone (`%eth0`) is left out. */
export function readAddress(text: string): bigint | undefined {
  const [bare = ''] = text.trim().split('%')
  if (bare.includes(':')) return readSix(bare)
  const four = readFour(bare)
  return four === undefined ? undefined : mappedStart | BigInt(four)
}

const dot = 46
const zero = 48

/** An IPv4 address as a number of 32 bits; `undefined` where it is none. Written for speed: every request asks. */
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
      // A leading zero is octal to some readers and decimal to others: neither is taken.
      if (code < zero || code > zero + 9 || (digits > 0 && part === 0)) return undefined
      part = part * 10 + code - zero
      if (++digits > 3) return undefined
    }
  }
  return parts === 4 ? value : undefined
}

function readSix(text: string): bigint | undefined {
  const cut = text.lastIndexOf(':')
  const tail = text.slice(cut + 1)
  if (tail.includes('.')) {
    const four = readFour(tail)
    if (four === undefined) return undefined
    const high = (four >>> 16).toString(16)
    return readSix(`${text.slice(0, cut + 1)}${high}:${(four & 0xffff).toString(16)}`)
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
