import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'node:test'
import type { DecisionTable } from '../../src/access/conditions/table.ts'
import { accessMigrations } from '../../src/access/migrations.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import type { SiteCompliance } from '../../src/compliance/judge.ts'
import type { CompliancePolicy } from '../../src/compliance/policy.ts'
import { collectionMigrations } from '../../src/collections/migrations.ts'
import { complianceMigrations } from '../../src/compliance/migrations.ts'
import type { Devices, EasIdentity } from '../../src/devices/devices.ts'
import type { Facts, FactValues } from '../../src/devices/facts.ts'
import { devicesMigrations } from '../../src/devices/migrations.ts'
import type { User, UserId } from '../../src/directory/directory.ts'
import { directoryMigrations } from '../../src/directory/migrations.ts'
import { profilesMigrations } from '../../src/profiles/migrations.ts'
import { buildJudging, type Judging } from '../../src/judging.ts'
import { rolloutMigrations } from '../../src/rollout/migrations.ts'
import { signalsMigrations } from '../../src/signals/migrations.ts'
import type { Entry } from '../../src/store/journal.ts'
import { historyMigrations } from '../../src/history/migrations.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { keysInMemory } from './history.ts'

interface Rooms extends Judging {
  readonly clock: Clock
  readonly store: Store
}

interface Deeds {
  /** A user without a password. */
  user(name: string): Promise<User>
  /** A phone's first contact. */
  client(user: UserId, deviceId?: string): ReturnType<Devices['partner']>
  /** A phone that is enrolled, activated and told these facts. */
  phone(user: UserId, facts: PlainFacts, deviceId?: string): Promise<Phone>
  report(phone: Phone, facts: PlainFacts): Promise<void>
  /** All entries of these kinds from now on; each call gives what came since the last, once all is heard. */
  hear(...kinds: string[]): Promise<() => Promise<readonly Entry[]>>
}

/** The rooms that judge, really running over a store. */
export interface JudgingRooms extends Rooms, Deeds {
  stop(): Promise<void>
}

/** Facts without their source. */
export type PlainFacts = Partial<FactValues>

/** The ids of a phone. */
export interface Phone {
  readonly user: UserId
  readonly device: Awaited<ReturnType<Devices['enroll']>>
  readonly partnership: Awaited<ReturnType<Devices['partner']>>['id']
}

/** A policy with everything but these at rest. */
export function policyOf(
  settings: CompliancePolicy['settings'],
  rest: Partial<CompliancePolicy> = {},
): CompliancePolicy {
  return {
    name: 'policy',
    platform: 'all',
    settings,
    gracePeriodHours: 0,
    notReported: 'noncompliant',
    assignedTo: 'all',
    excluded: [],
    ...rest,
  }
}

/** The facts as a device itself reports them. */
export function told(plain: PlainFacts, at: number): Facts {
  const facts = Object.entries(plain).map(([name, value]) => [
    name,
    { value, trust: 'managed', source: 'report', at },
  ])
  return Object.fromEntries(facts)
}

/** A file for a store, and what removes it. */
export function storeFile(): { url: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'postern-judging-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  return { url: join(folder, 'postern.db'), remove }
}

const iphone: Omit<EasIdentity, 'deviceId'> = {
  deviceType: 'iPhone',
  userAgent: 'Apple-iPhone15C4/2401.539',
  protocolVersion: '16.1',
}

/** Opens all of it; in memory unless told otherwise. */
export async function openJudgingRooms(
  options: {
    url?: string
    clock?: Clock
    log?: Log
    table?: DecisionTable
    site?: Partial<SiteCompliance>
    /** Of the history: nodes of one site share them. */
    keys?: ReturnType<typeof keysInMemory>
    /** No alarm ever rings. */
    noAlarms?: boolean
  } = {},
): Promise<JudgingRooms> {
  const { url = ':memory:', clock = systemClock, log = silentLog, table, site } = options
  const { keys = keysInMemory() } = options
  const migrations = [
    ...directoryMigrations,
    ...devicesMigrations,
    ...collectionMigrations,
    ...complianceMigrations,
    ...profilesMigrations,
    ...accessMigrations,
    ...historyMigrations,
    ...rolloutMigrations,
    ...signalsMigrations,
  ]
  const opened = await openStore({ url, migrations, clock, log })
  const store = options.noAlarms
    ? { ...opened, alarms: { set: opened.alarms.set, on: () => {} } }
    : opened
  const started = [opened]
  const ground = { store, keyStore: keys, clock, log, started }
  const judging = await buildJudging({ ...ground, ...(table && { table }), ...(site && { site }) })
  const given = { clock, store, ...judging }
  return {
    ...given,
    ...createDeeds(given),
    async stop() {
      for (const part of started.reverse()) await part.stop()
    },
  }
}

/** Opens rooms that stop by themselves, and whatever else is to end, after each test of the file that calls this. */
export function openedPerTest(): {
  readonly endings: (() => Promise<void> | void)[]
  open(options?: Parameters<typeof openJudgingRooms>[0]): Promise<JudgingRooms>
} {
  const endings: (() => Promise<void> | void)[] = []
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end()
  })
  return {
    endings,
    async open(options) {
      const rooms = await openJudgingRooms(options)
      endings.push(() => rooms.stop())
      return rooms
    },
  }
}

/** What tests do to the rooms, in short. */
function createDeeds({ clock, store, directory, devices }: Rooms): Deeds {
  let clients = 0
  const client: Deeds['client'] = (user, deviceId = `PHONE${++clients}`) =>
    devices.partner(user, { ...iphone, deviceId })
  return {
    user: (name) => directory.addUser({ name, mail: `${name}@example.org` }),
    client,
    async phone(user, facts, deviceId) {
      const { id: partnership } = await client(user, deviceId)
      const device = await devices.enroll({ owner: user, name: 'phone', channel: 'report' })
      await devices.activate(partnership, device)
      await devices.observe(device, told({ platform: 'iOS', ...facts }, clock.now()), true)
      return { user, device, partnership }
    },
    report: (phone, facts) => devices.observe(phone.device, told(facts, clock.now()), true),
    async hear(...kinds) {
      const heard: Entry[] = []
      const follower = await store.journal.follow({
        name: 'test',
        kinds,
        durable: false,
        take: async (entry) => void heard.push(entry),
      })
      return async () => {
        await follower.caughtUp()
        return heard.splice(0)
      }
    },
  }
}

/** Waits for what is not awaited anywhere, looking often. Fails after twenty seconds: a busy machine is no fault. */
export async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = systemClock.now() + 20_000
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (systemClock.now() > end) throw new Error('waited for twenty seconds in vain')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
