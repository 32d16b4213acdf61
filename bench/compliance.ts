import { parseArgs } from 'node:util'
import { Engine } from 'json-rules-engine'
import { createJudge, defaultSiteCompliance } from '../src/compliance/judge.ts'
import { demandsOf, type FleetDevice, fleetPolicies, makeFleet, policyCount } from './yard/fleet.ts'
import { least, print } from './yard/report.ts'
import { measurePacked } from './yard/packed-fleet.ts'
import { measureStored } from './yard/stored-fleet.ts'

/*
 * Compliance: all devices judged anew in memory beside a plain loop and json-rules-engine on the same work, then through
 * the store on SQLite and PostgreSQL: `npm run bench -- --max-old-space-size=6000 bench/compliance.ts`.
 */

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '1000000' },
    stored: { type: 'string', default: '100000' },
    /** Devices that json-rules-engine judges: it is too slow for all. */
    engine: { type: 'string', default: '1000' },
    only: { type: 'string' },
    json: { type: 'boolean' },
  },
})

const now = 1_800_000_000_000
const rounds = 3
const settings = demandsOf(0).length

if (values.only !== 'store') await inMemory(Number(values.devices), Number(values.engine))
if (values.only !== 'memory') {
  for (const kind of ['sqlite', 'postgres'] as const) {
    const stored = await measureStored(kind, Number(values.stored))
    print({
      title: `${values.stored} devices x ${settings} settings through the store: ${kind}`,
      columns: ['figure', 'seen'],
      rows: [
        ['all judged anew, every verdict saved, s', stored.sweepMs / 1000],
        ['the same, processor time of this process, s', stored.sweepCpuMs / 1000],
        ['devices per second', Number(values.stored) / (stored.sweepMs / 1000)],
        ['a change that touches few, s', stored.touchMs / 1000],
        ['devices judged after it', stored.touched],
        ['one fact to the saved verdict, p50 ms', stored.factP50Ms],
        ['p99 ms', stored.factP99Ms],
      ],
      goals: [{ what: 'one fact to the saved verdict, p99 ms', seen: stored.factP99Ms, goal: 10 }],
    })
  }
}

async function inMemory(devices: number, engineDevices: number): Promise<void> {
  const groups = Array.from({ length: policyCount }, (_, at) => `grp_${at}` as const)
  const fleet = makeFleet(devices, groups, now)
  const judge = createJudge(fleetPolicies(groups), defaultSiteCompliance)
  const failing = new Uint8Array(devices)
  const [ours, plain]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    ours.push(
      timed(() => sweep(fleet, (device) => judge(device.subject, now).findings.length, failing)),
    )
    const other = new Uint8Array(devices)
    plain.push(timed(() => sweep(fleet, plainLoop(), other)))
    if (Buffer.compare(failing, other) !== 0) throw new Error('the plain loop differs')
  }
  const engine = await withEngine(fleet.slice(0, engineDevices), failing)
  const packed = measurePacked(fleet, fleetPolicies(groups), plainLoop)
  const one = increments(fleet, judge)
  const perDevice = (ms: number, of: number) => (ms * 1e6) / of
  const [oursNs, plainNs] = [perDevice(least(ours), devices), perDevice(least(plain), devices)]
  const engineNs = perDevice(engine, engineDevices)
  print({
    title: `${devices} devices x ${settings} settings, ${policyCount} policies, in memory; ${failing.filter(Boolean).length} fail`,
    columns: ['way', 'all devices, s', 'one device, ns', 'times as long as ours'],
    rows: [
      ['Postern: verdict with findings and recheckAt', least(ours) / 1000, oursNs, 1],
      ['plain loop: count of failed settings', least(plain) / 1000, plainNs, plainNs / oursNs],
      [
        `json-rules-engine (${engineDevices} judged)`,
        (engineNs * devices) / 1e9,
        engineNs,
        engineNs / oursNs,
      ],
      [
        'Postern: packed, whose verdict a change could touch',
        packed.ms / 1000,
        perDevice(packed.ms, devices),
        perDevice(packed.ms, devices) / oursNs,
      ],
      [
        'plain loop: whose count is other than 0, before or after',
        packed.plainMs / 1000,
        perDevice(packed.plainMs, devices),
        perDevice(packed.plainMs, devices) / oursNs,
      ],
      ['Postern: one device after one fact', Number.NaN, one, one / oursNs],
    ],
    goals: [
      { what: 'all devices packed, with who is touched, ms', seen: packed.ms, goal: 20 },
      { what: 'one fact, ns', seen: one, goal: 500 },
      {
        what: 'packed: times as fast as the plain loop',
        seen: packed.plainMs / packed.ms,
        goal: 12,
        atLeast: true,
      },
      {
        what: 'packed: times as fast as json-rules-engine',
        seen: engineNs / perDevice(packed.ms, devices),
        goal: 5000,
        atLeast: true,
      },
    ],
  })
}

function sweep(
  fleet: readonly FleetDevice[],
  failed: (device: FleetDevice) => number,
  into: Uint8Array,
): void {
  for (const [at, device] of fleet.entries()) into[at] = failed(device)
}

/** What one would write by hand: demands as objects, one after the other. */
function plainLoop(): (device: FleetDevice) => number {
  const policies = Array.from({ length: policyCount }, (_, policy) => demandsOf(policy))
  return ({ policy, plain }) => {
    let failed = 0
    for (const { fact, operator, value } of policies[policy] ?? []) {
      const measured = plain[fact]
      const met =
        operator === 'equal'
          ? measured === value
          : operator === 'greaterThanInclusive'
            ? Number(measured) >= Number(value)
            : Number(measured) <= Number(value)
      if (!met) failed += 1
    }
    return failed
  }
}

/** One engine per policy, one rule per demand; resolves to the milliseconds for these devices. */
async function withEngine(fleet: readonly FleetDevice[], failing: Uint8Array): Promise<number> {
  const engines = Array.from({ length: policyCount }, (_, policy) => {
    const engine = new Engine()
    for (const { setting, fact, operator, value } of demandsOf(policy))
      engine.addRule({
        conditions: { all: [{ fact, operator, value }] },
        event: { type: setting },
      })
    return engine
  })
  const begun = performance.now()
  for (const [at, { policy, plain }] of fleet.entries()) {
    const run = await engines[policy]?.run({ ...plain })
    if (run?.failureResults.length !== failing[at]) throw new Error('json-rules-engine differs')
  }
  return performance.now() - begun
}

/** Nanoseconds for a device whose firewall was switched, devices in no order. */
function increments(fleet: readonly FleetDevice[], judge: ReturnType<typeof createJudge>): number {
  const off = { value: false, trust: 'managed', source: 'report', at: now } as const
  const count = Math.min(fleet.length, 200_000)
  const changed = Array.from({ length: count }, (_, at) => {
    const subject = fleet[(at * 7919) % fleet.length]?.subject
    if (!subject) throw new Error('no such device')
    return { ...subject, facts: { ...subject.facts, firewallEnabled: off } }
  })
  globalThis.gc?.()
  let failed = 0
  const ms = timed(() => {
    for (const subject of changed) failed += judge(subject, now).findings.length
  })
  if (failed < count) throw new Error('a firewall that is off was not found')
  return (ms * 1e6) / count
}

function timed(work: () => void): number {
  const begun = performance.now()
  work()
  return performance.now() - begun
}
