import { hash, randomBytes } from 'node:crypto'
import type { Instant } from '../base/clock.ts'
import { createBoundedMap } from './bounded-map.ts'

/** What is kept for a while about passwords, per account, so that news about the account forgets it at once. */
export interface Memory<V> {
  get(key: string, now: Instant): V | undefined
  set(key: string, account: string, value: V, at: Instant, lifeMs: number): void
  forget(account: string): void
}

/**
 * Makes keys for name and password under a random key of this process: what is held is of no use to who reads it
 * without that key, and nothing can be precomputed. The length of the name keeps (`a`, `bc`) and (`ab`, `c`) apart.
 */
export function createPasswordKeys(): (name: string, password: string) => string {
  // Every request asks for one. A shortened SHA-512 after a secret is as good a keyed hash as HMAC, which Node gives only
  // through an object, at four times the cost.
  const secret = randomBytes(32).toString('base64')
  return (name, password) =>
    hash('sha512-256', `${secret}${name.length}:${name}:${password}`, 'base64')
}

/** A bounded memory that lives as long as the process. */
export function createMemory<V>(most: number): Memory<V> {
  const keysOf = new Map<string, Set<string>>()
  const unlink = (key: string, account: string) => {
    const keys = keysOf.get(account)
    keys?.delete(key)
    if (keys?.size === 0) keysOf.delete(account)
  }
  const entries = createBoundedMap<{ account: string; value: V; at: Instant; lifeMs: number }>(
    most,
    (key, entry) => unlink(key, entry.account),
  )
  return {
    get(key, now) {
      const entry = entries.get(key)
      if (!entry) return undefined
      // From the future: the clock was set back, and how old the entry is cannot be said.
      if (now >= entry.at && now - entry.at <= entry.lifeMs) return entry.value
      entries.delete(key)
      unlink(key, entry.account)
      return undefined
    },
    set(key, account, value, at, lifeMs) {
      const old = entries.get(key)
      if (old) unlink(key, old.account)
      entries.set(key, { account, value, at, lifeMs })
      const keys = keysOf.get(account) ?? new Set()
      keysOf.set(account, keys.add(key))
    },
    forget(account) {
      for (const key of keysOf.get(account) ?? []) entries.delete(key)
      keysOf.delete(account)
    },
  }
}
