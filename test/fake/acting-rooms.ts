import { type Actions, createActions } from '../../src/actions/actions.ts'
import { actionsMigrations } from '../../src/actions/migrations.ts'
import type { Push } from '../../src/actions/push.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { createCollections } from '../../src/collections/collections.ts'
import { collectionMigrations } from '../../src/collections/migrations.ts'
import { type Compliance, createCompliance } from '../../src/compliance/compliance.ts'
import { complianceMigrations } from '../../src/compliance/migrations.ts'
import type { CompliancePolicy } from '../../src/compliance/policy.ts'
import { createDevices, type DeviceId, type Devices } from '../../src/devices/devices.ts'
import { devicesMigrations } from '../../src/devices/migrations.ts'
import { createDirectory, type Directory, type UserId } from '../../src/directory/directory.ts'
import { directoryMigrations } from '../../src/directory/migrations.ts'
import { tame } from '../../src/notices/layout.ts'
import type { Mail } from '../../src/notices/mail.ts'
import { noticesMigrations } from '../../src/notices/migrations.ts'
import { createNotices, layOutLetter, type Notices } from '../../src/notices/notices.ts'
import { sayFinding } from '../../src/notices/words.ts'
import { historyMigrations } from '../../src/history/migrations.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { openHistory } from './history.ts'
import { type PlainFacts, policyOf, told } from './judging-rooms.ts'

/** The rooms between a report and a mail about it, really running over a store. */
export interface ActingRooms {
  readonly clock: Clock
  readonly store: Store
  readonly directory: Directory
  readonly devices: Devices
  readonly compliance: Compliance
  readonly notices: Notices
  readonly actions: Actions
  /** A device of this user that reports these facts. */
  device(owner: UserId, facts: PlainFacts, name?: string): Promise<DeviceId>
  report(device: DeviceId, facts: PlainFacts): Promise<void>
  stop(): Promise<void>
}

/** A mail as it leaves. */
export type Sent = Mail

/** What tests put in the place of the world. */
export interface ActingOptions {
  readonly url: string
  readonly clock?: Clock
  readonly log?: Log
  readonly push?: Push
  /** Takes the mails. */
  deliver?(mail: Mail): Promise<'sent' | 'refused'>
  /** No alarm of these kinds rings on this node. */
  readonly deaf?: readonly string[]
}

/** Passwords are demanded, and these actions follow where there is none. */
export function policyWith(
  actions: CompliancePolicy['actions'] & object,
  rest: Partial<CompliancePolicy> = {},
): CompliancePolicy {
  return policyOf({ passwordRequired: true }, { name: 'Phones', actions, ...rest })
}

const migrations = [
  ...directoryMigrations,
  ...devicesMigrations,
  ...collectionMigrations,
  ...complianceMigrations,
  ...actionsMigrations,
  ...noticesMigrations,
  ...historyMigrations,
]

/** Opens all of it. */
export async function openActingRooms(options: ActingOptions): Promise<ActingRooms> {
  const { url, clock = systemClock, log = silentLog, deaf = [], push } = options
  const opened = await openStore({ url, migrations, clock, log })
  const store: Store = {
    ...opened,
    alarms: {
      set: opened.alarms.set,
      on: (kind, ring) => (deaf.includes(kind) ? undefined : opened.alarms.on(kind, ring)),
    },
  }
  const history = await openHistory(store, { clock, log })
  const directory = createDirectory({ store, clock, tell: history.append })
  const devices = createDevices({ store, clock })
  const collections = createCollections({ store, directory, devices, history, clock })
  const profiles = { list: async () => [] }
  const given = { store, directory, devices, collections, profiles, history, clock }
  const compliance = await createCompliance(given)
  const notices = await createNotices({
    store,
    clock,
    log,
    from: 'postern@example.org',
    describe: async () => undefined,
    portalLink: async () => 'https://mail.example.org/portal/',
    deliver: options.deliver ?? (async () => 'sent'),
    administrators: async () => [],
    insert: async () => '',
  })
  const actions = await createActions({
    store,
    history,
    clock,
    log,
    directory,
    devices,
    compliance,
    push,
    wording: { explain: (finding) => sayFinding(finding), tame },
    post: notices.post,
    recall: notices.recall,
    layOut: layOutLetter,
    portalUrl: () => 'https://mail.example.org/portal/',
  })
  return {
    clock,
    store,
    directory,
    devices,
    compliance,
    notices,
    actions,
    async device(owner, facts, name = 'phone') {
      const device = await devices.enroll({ owner, name, channel: 'report' })
      await devices.observe(device, told({ platform: 'iOS', ...facts }, clock.now()), true)
      return device
    },
    report: (device, facts) => devices.observe(device, told(facts, clock.now()), true),
    async stop() {
      await actions.stop()
      await notices.stop()
      await compliance.stop()
      await devices.stop()
      await store.stop()
    },
  }
}
