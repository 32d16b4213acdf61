import { systemClock } from '../../src/base/clock.ts'
import { newId } from '../../src/base/id.ts'
import type { Compliance } from '../../src/compliance/compliance.ts'
import { createJudge, defaultSiteCompliance } from '../../src/compliance/judge.ts'
import type { ComplianceTables } from '../../src/compliance/migrations.ts'
import { type Judged, saveVerdicts } from '../../src/compliance/records.ts'
import type { DeviceId, Devices } from '../../src/devices/devices.ts'
import { insertDevice } from '../../src/devices/records.ts'
import type { Directory, GroupId, UserId } from '../../src/directory/directory.ts'
import type { Store } from '../../src/store/store.ts'
import { openJudgingRooms, storeFile, told } from '../../test/fake/judging-rooms.ts'
import { startPostgres } from '../../test/real/postgres.ts'
import { fleetPolicies, makeFleet, policyCount } from './fleet.ts'
import { percentile } from './report.ts'

/** What judging through the store took. */
export interface Stored {
  /** From the change of all policies to the last verdict saved. */
  readonly sweepMs: number
  /** Processor time of this process for it: says the same on a busy machine. */
  readonly sweepCpuMs: number
  /** The same for a change of a number that few devices do not reach, and how many were judged for it. */
  readonly touchMs: number
  readonly touched: number
  readonly factP50Ms: number
  readonly factP99Ms: number
}

const facts = 500

/** Opens a store of this kind with so many judged devices, judges all anew, and then single ones. */
export async function measureStored(kind: 'sqlite' | 'postgres', count: number): Promise<Stored> {
  const { url, remove } = kind === 'sqlite' ? ofFile() : await ofPostgres()
  const clock = systemClock
  const rooms = await openJudgingRooms({ url })
  const { store, directory, devices, compliance } = rooms
  try {
    const groups = await makeGroups(directory)
    await compliance.deploy(fleetPolicies(groups.ids), 'bench')
    const ids = await fill(store, groups, count)
    const begun = performance.now()
    const used = process.cpuUsage()
    const at = clock.now()
    await compliance.deploy(fleetPolicies(groups.ids, ', anew'), 'bench')
    while ((await judgedBefore(store, at)) > 0) await rest(250)
    const sweepMs = performance.now() - begun
    const { user, system } = process.cpuUsage(used)
    const sweepCpuMs = (user + system) / 1000
    const { touchMs, touched } = await touch(store, devices, compliance, groups.ids)
    const times = await singles(store, devices, ids)
    return {
      sweepMs,
      sweepCpuMs,
      touchMs,
      touched,
      factP50Ms: percentile(times, 0.5),
      factP99Ms: percentile(times, 0.99),
    }
  } finally {
    await rooms.stop()
    await remove()
  }
}

function ofFile() {
  const { url, remove } = storeFile()
  return { url, remove: async () => remove() }
}

async function ofPostgres() {
  const server = await startPostgres()
  return { url: await server.createDatabase(), remove: () => server.stop() }
}

/** A group per policy with one user, who owns its devices. */
async function makeGroups(directory: Directory) {
  const ids: GroupId[] = []
  const owners: UserId[] = []
  for (let at = 0; at < policyCount; at++) {
    const owner = await directory.addUser({ name: `owner${at}`, mail: `owner${at}@example.org` })
    const group = await directory.addGroup(`group${at}`)
    await directory.changeMembers(group.id, { add: [owner.id] })
    ids.push(group.id)
    owners.push(owner.id)
  }
  return { ids, owners }
}

/** Writes the devices with the verdicts that they have by now, as if they had all reported. */
async function fill(
  store: Store,
  { ids, owners }: Awaited<ReturnType<typeof makeGroups>>,
  count: number,
): Promise<readonly DeviceId[]> {
  const now = systemClock.now() - 1000
  const fleet = makeFleet(count, ids, now)
  const judge = createJudge(fleetPolicies(ids), defaultSiteCompliance)
  const made: DeviceId[] = []
  for (let from = 0; from < count; from += 1000)
    await store.transact(async (tx) => {
      const judged: Judged[] = []
      for (const { policy, subject } of fleet.slice(from, from + 1000)) {
        const owner = owners[policy]
        if (!owner) throw new Error('no owner')
        const id = newId('dev', now)
        await insertDevice(tx, {
          id,
          owner,
          ownership: 'company',
          name: 'PC',
          channel: 'report',
          registration: 'registered',
          enrolledAt: now,
          lastReportAt: now,
          facts: subject.facts,
        })
        judged.push({ device: id, owner, judgement: judge(subject, now), judgedAt: now })
        made.push(id)
      }
      await saveVerdicts(tx, judged)
    })
  return made
}

/** A change that touches few; how many are read to be judged, until the follower has taken it. */
async function touch(
  store: Store,
  devices: Devices,
  compliance: Compliance,
  groups: readonly GroupId[],
): Promise<Pick<Stored, 'touchMs' | 'touched'>> {
  const read = new Set<DeviceId>()
  const find = devices.findDevices
  devices.findDevices = (ids, within) => {
    for (const id of ids) read.add(id)
    return find(ids, within)
  }
  const begun = performance.now()
  const policies = fleetPolicies(groups, ', anew').map((policy) => ({
    ...policy,
    settings: { ...policy.settings, passwordMinimumLength: 6 },
  }))
  await compliance.deploy(policies, 'bench')
  const { max } = await store.db
    .withTables<StoreTables>()
    .selectFrom('journal')
    .select(({ fn }) => fn.max('seq').as('max'))
    .executeTakeFirstOrThrow()
  while ((await cursorOf(store)) < max) await rest(5)
  const touchMs = performance.now() - begun
  devices.findDevices = find
  return { touchMs, touched: read.size }
}

type StoreTables = { journal: { seq: number }; journal_cursor: { name: string; seq: number } }

async function cursorOf(store: Store): Promise<number> {
  const row = await store.db
    .withTables<StoreTables>()
    .selectFrom('journal_cursor')
    .select('seq')
    .where('name', '=', 'compliance')
    .executeTakeFirst()
  return row?.seq ?? 0
}

async function judgedBefore(store: Store, at: number): Promise<number> {
  const row = await store.db
    .withTables<ComplianceTables>()
    .selectFrom('compliance_verdict')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('judgedAt', '<', at)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Milliseconds from a report of one fact to the news of the verdict that was saved with it. */
async function singles(
  store: Store,
  devices: Devices,
  ids: readonly DeviceId[],
): Promise<readonly number[]> {
  let heard = (_device: unknown): void => undefined
  const following = await store.journal.follow({
    name: 'bench',
    kinds: ['compliance.changed'],
    durable: false,
    take: async ({ body }) => heard((body as { device: unknown }).device), // as compliance appends it
  })
  const times: number[] = []
  // Each device once: the same fact again is no news.
  for (let count = 0; count < Math.min(facts, ids.length); count++) {
    const device = ids[(count * 7919) % ids.length]
    if (!device) throw new Error('no device')
    const saved = new Promise<void>((resolve) => {
      heard = (which) => which === device && resolve()
    })
    const begun = performance.now()
    // A number that nobody else reports: it fails where nothing failed, and differs where something did.
    const report = told({ passwordMinimumLength: 1, firewallEnabled: false }, systemClock.now())
    await devices.observe(device, report, true)
    await saved
    times.push(performance.now() - begun)
  }
  await following.stop()
  return times
}

const rest = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
