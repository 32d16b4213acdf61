import { createAccess, type NodeAccess } from './access/access.ts'
import { createGate, type Gate } from './access/gate.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { type Collections, createCollections } from './collections/collections.ts'
import { type Compliance, createCompliance } from './compliance/compliance.ts'
import { createDevices, type Devices } from './devices/devices.ts'
import { createDirectory, type Directory } from './directory/directory.ts'
import { createHistory, type History } from './history/history.ts'
import { createProfiles, type Profiles } from './profiles/profiles.ts'
import type { Store } from './store/store.ts'

/** Rooms that judge: everything up to the gate. */
export interface Judging {
  readonly history: History
  readonly directory: Directory
  readonly devices: Devices
  readonly collections: Collections
  readonly profiles: Profiles
  readonly compliance: Compliance
  readonly access: NodeAccess
  readonly gate: Gate
}

/** What the rooms that judge stand on. */
export interface JudgingGround {
  readonly store: Store
  /** Where the key of the history is kept. */
  readonly keyStore: Parameters<typeof createHistory>[0]['keys']
  readonly clock: Clock
  readonly log: Log
  /** What to stop, in the order of its start: whoever builds adds to it, so that half a start is stopped, too. */
  readonly started: { stop(): Promise<void> }[]
  /** Steps of deciding, to plant a fault in one. */
  readonly table?: Parameters<typeof createAccess>[0]['table']
  /** What the site decides for every device, in place of what was decided last. */
  readonly site?: Parameters<typeof createCompliance>[0]['site']
}

/** Builds the rooms that judge, bottom-up. */
export async function buildJudging(ground: JudgingGround): Promise<Judging> {
  const { store, keyStore, clock, log, started, table, site } = ground
  const history = await createHistory({ store, keys: keyStore, clock, log })
  const directory = createDirectory({ store, clock, tell: history.append })
  const devices = createDevices({ store, clock, log })
  started.push(devices)
  const collections = createCollections({ store, directory, devices, history, clock })
  const profiles = createProfiles({ store, directory, history, clock })
  const below = { store, directory, devices, history, clock }
  const sets = { collections, profiles, ...(site && { site }) }
  const compliance = await createCompliance({ ...below, log, ...sets })
  started.push(compliance)
  const access = await createAccess({ ...below, compliance, log, ...(table && { table }) })
  started.push(access)
  const gate = createGate({ access, compliance, clock, log })
  return { history, directory, devices, collections, profiles, compliance, access, gate }
}
