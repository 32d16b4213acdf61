import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createManualClock } from '../../src/base/clock.ts'
import { Failure, type FailureCode } from '../../src/base/failures.ts'
import { newId } from '../../src/base/id.ts'
import { silentLog } from '../../src/base/log.ts'
import { createDevices, type DeviceDraft, type EasIdentity } from '../../src/devices/devices.ts'
import type { Fact, Facts, Trust } from '../../src/devices/facts.ts'
import { devicesMigrations } from '../../src/devices/migrations.ts'
import type { UserId } from '../../src/directory/directory.ts'
import type { Entry } from '../../src/store/journal.ts'
import { openStore, type Store } from '../../src/store/store.ts'

/** A moment in November 2023 where the clocks of these tests begin. */
export const start = 1_700_000_000_000

export const alice: UserId = newId('usr', start)
export const bob: UserId = newId('usr', start)

/** A client of theirs. */
export const phone: EasIdentity = {
  deviceId: 'ApplC39GQ8NNDTDL',
  deviceType: 'iPhone',
  userAgent: 'Apple-iPhone15C4/2401.539000006',
  protocolVersion: '16.1',
}

const endings: (() => Promise<void> | void)[] = []

/** Stops all that was opened; for `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const end of endings.splice(0).reverse()) await end()
}

/** A node with devices, a clock that stands, and the news since it was asked for last. */
export async function openDevices(url = ':memory:') {
  const clock = createManualClock(start)
  const store = await openStore({ url, migrations: devicesMigrations, clock, log: silentLog })
  const devices = createDevices({ store, clock })
  endings.push(
    () => store.stop(),
    () => devices.stop(),
  )
  return { clock, store, devices, news: await hear(store) }
}

const kinds = [
  ...['enrolled', 'observed', 'retired'].map((what) => `device.${what}`),
  ...['started', 'changed', 'activated', 'removed'].map((what) => `partnership.${what}`),
]

async function hear(store: Store) {
  const heard: Entry[] = []
  const follower = await store.journal.follow({
    name: 'test',
    kinds,
    durable: false,
    take: async (entry) => void heard.push(entry),
  })
  return async () => {
    await follower.caughtUp()
    return heard.splice(0).map(({ kind, body }) => [kind, body])
  }
}

/** The path of a database that goes with the test. */
export function fileUrl(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-devices-'))
  endings.push(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'postern.db')
}

export const failsWith = (code: FailureCode) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === code

export const fact = <T>(value: T, trust: Trust = 'managed', at = start): Fact<T> => ({
  value,
  trust,
  source: trust === 'claimed' ? 'eas' : 'report',
  at,
})

export const draft = (owner: UserId, facts?: Facts): DeviceDraft => ({
  owner,
  name: "Alice's phone",
  channel: 'portal',
  ...(facts && { facts }),
})

/** Ids that nothing has. */
export const nobody = {
  device: `dev_${'0'.repeat(26)}`,
  partnership: `prt_${'0'.repeat(26)}`,
} as const

/** Looks again every 10 ms, for at most three seconds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 3000
  while (!(await holds())) {
    assert.ok(performance.now() < end, 'it did not come true')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
