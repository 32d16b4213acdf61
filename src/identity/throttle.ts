import type { Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import { createBoundedMap } from './bounded-map.ts'
import { createTally, type TallyRule } from './tally.ts'

/** One try that was let through to the password check. */
export interface Try {
  /** The password was right: takes the charge back, and remembers that this account signs in from here. */
  right(): void
  /** The password could not be checked: nobody's fault. */
  undecided(): void
}

/** Slows wrong passwords down, per account and per address. */
export interface Throttle {
  /** Whether this account signed in from this address lately and is not kept waiting here. */
  welcome(account: string, address: string, now: Instant): boolean
  /** Milliseconds until this account may be tried from this address; 0 is now. */
  waitMs(account: string, address: string, now: Instant): number
  /** Begins a try: it counts as wrong until told otherwise, so that parallel tries all count. */
  enter(account: string, address: string, now: Instant): Try
}

const rule = (free: number, longestMs: number): TallyRule => ({
  free,
  firstMs: 1000,
  longestMs,
  forgetMs: limits.wrongTriesForgetMs.value,
  most: limits.wrongTriesKept.value,
})

/**
 * Three counts, each slowing down exponentially:
 *
 * - *account at address*: whoever guesses at one account from one place;
 * - *address*, over all accounts: one password sprayed over many names;
 * - *account*, over all addresses: many places guessing at one account. Two lanes: addresses that were wrong on this
 *   account before, and addresses that were not.
 *
 * The trade. A lock per account would let anyone lock its owner out, so the account's wait is short, and an owner at a
 * new address shares a lane only with addresses that were never wrong here: a crowd has to burn one fresh address for
 * every wait in order to keep that lane busy. In return a crowd gets two guesses per longest wait, some six thousand a
 * day, at one account. An address where the account has been right lately skips the counts of account and address, so
 * an attack from elsewhere never touches phones in use; an attacker behind the very same address can slow them.
 * Being right wipes no count, else an attacker would wipe theirs with an account of their own.
 *
 * All of it is memory: a restart forgets, and each node counts for itself.
 */
export function createThrottle(): Throttle {
  const longestMs = limits.wrongTriesWaitMs.value
  const pairs = createTally(rule(limits.wrongTriesPair.value, longestMs))
  const addresses = createTally(rule(limits.wrongTriesAddress.value, longestMs))
  const lanes = createTally(
    rule(limits.wrongTriesAccount.value, limits.wrongTriesAccountWaitMs.value),
  )
  const homes = createBoundedMap<Instant>(limits.wrongTriesKept.value)

  const isHome = (pair: string, now: Instant): boolean => {
    const since = homes.get(pair)
    return since !== undefined && now - since < limits.knownAddressMs.value
  }
  const look = (account: string, address: string, now: Instant) => {
    const place = network(address)
    const pair = `${account} ${place}`
    const home = isHome(pair, now)
    const lane = `${account} ${pairs.wrong(pair, now) > 0 ? 'again' : 'fresh'}`
    return { place, pair, lane, home }
  }

  return {
    welcome(account, address, now) {
      const pair = `${account} ${network(address)}`
      return isHome(pair, now) && pairs.waitMs(pair, now) === 0
    },
    waitMs(account, address, now) {
      const { place, pair, lane, home } = look(account, address, now)
      const own = pairs.waitMs(pair, now)
      return home ? own : Math.max(own, addresses.waitMs(place, now), lanes.waitMs(lane, now))
    },
    enter(account, address, now) {
      const { place, pair, lane, home } = look(account, address, now)
      const charged = [pairs.charge(pair, now), addresses.charge(place, now)]
      if (!home) charged.push(lanes.charge(lane, now))
      const undecided = () => {
        for (const refund of charged) refund()
      }
      return {
        undecided,
        right() {
          undecided()
          homes.set(pair, now)
        },
      }
    },
  }
}

/**
 * What counts as one address: IPv4 as it is, also when mapped into IPv6; of IPv6 the first 56 bits, which is what one
 * customer is given, so that nobody has 2^64 fresh addresses.
 */
export function network(address: string): string {
  const zone = address.indexOf('%')
  const text = (zone < 0 ? address : address.slice(0, zone)).toLowerCase()
  if (!text.includes(':')) return text
  const mapped = /^(?:::|(?:0{1,4}:){5})ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (mapped?.[1]) return mapped[1]
  const [left = '', right = ''] = text.split('::')
  const head = left === '' ? [] : left.split(':')
  const tail = right === '' ? [] : right.split(':')
  const groups = text.includes('::')
    ? [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail]
    : head
  const bits = groups.slice(0, 4).map((group) => Number.parseInt(group || '0', 16) || 0)
  return `${bits[0] ?? 0}:${bits[1] ?? 0}:${bits[2] ?? 0}:${(bits[3] ?? 0) & 0xff00}/56`
}
