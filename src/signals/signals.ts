import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { ComplianceNews } from '../compliance/compliance.ts'
import type { Finding } from '../compliance/verdict.ts'
import type { Devices } from '../devices/devices.ts'
import type { Directory } from '../directory/directory.ts'
import type { Entry } from '../store/journal.ts'
import type { Store } from '../store/store.ts'
import { pushEvent, type Receiver } from './delivery.ts'
import type { EventRow } from './migrations.ts'
import { addEvent, dropEvent, firstEvent, noteTry } from './records.ts'
import { type ComplianceChange, complianceChangeEvent, statusOf } from './security-event.ts'
import { createSigning, type Keys } from './signing.ts'

/**
 * Tells another system of every device that becomes compliant or ceases to be, by signed security events: the
 * transmitter of Shared Signals (SSF 1.0, CAEP 1.0), with the one receiver of the configuration. In the order of the
 * changes, at least once, each with an id by which a repetition is known.
 */
export interface Signals {
  /** What a receiver reads first; `undefined` where there is none. */
  readonly transmitter: Transmitter | undefined
  /** Resolves when the event in hand is settled. */
  stop(): Promise<void>
}

/** What is said of us to whoever receives. */
export interface Transmitter {
  /** The document at `/.well-known/ssf-configuration` (SSF 1.0 section 7.1). */
  configuration(): object
  /** The document at `keySetPath`: RFC 7517. */
  readonly keySet: object
}

/** Below the address of the site. */
export const keySetPath = '/ssf/keys'

/** What signals ask of the rooms below. */
export interface SignalsGiven {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly devices: Pick<Devices, 'find'>
  readonly directory: Pick<Directory, 'user'>
  readonly keys: Keys
  readonly receiver: Receiver | undefined
  /** Address of the site, known once it listens. */
  readonly issuer: () => string
  /** What is wrong, for administrators, in English. */
  readonly explain: (finding: Finding) => string
}

const alarmKind = 'signals.send'
const alarmSubject = 'receiver'

/** Starts to follow and to send. */
export async function createSignals(given: SignalsGiven): Promise<Signals> {
  const { store, clock, keys, receiver, issuer } = given
  const signing = receiver && (await createSigning(keys))
  const sending = receiver && signing && createSending({ ...given, receiver, sign: signing.sign })
  // Without a receiver it follows all the same: who stays behind keeps the whole journal, and a receiver of tomorrow
  // is not told of last year.
  const follower = await store.journal.follow({
    name: 'signals',
    kinds: ['compliance.changed'],
    durable: true,
    async take(entry) {
      const change = receiver && (await changeOf(given, entry))
      if (!change) return
      const [document, now] = [JSON.stringify(change), clock.now()]
      await store.transact(async (tx) => {
        await addEvent(tx, { seq: entry.seq, document, queuedAt: now, dueAt: now, tries: 0 })
        await store.alarms.set(tx, alarmKind, alarmSubject, now)
      })
    },
  })
  return {
    transmitter: signing && {
      configuration: () => ({
        issuer: issuer(),
        spec_version: '1_0',
        jwks_uri: `${issuer()}${keySetPath}`,
        delivery_methods_supported: ['urn:ietf:rfc:8935'],
        default_subjects: 'ALL',
      }),
      keySet: signing.keySet,
    },
    async stop() {
      await follower.stop()
      await sending?.stop()
    },
  }
}

/** What an entry tells, where it crosses the line between the two states; the first verdict of a device crosses none. */
async function changeOf(
  { devices, directory, explain }: SignalsGiven,
  { seq, at, body }: Entry,
): Promise<ComplianceChange | undefined> {
  const { device, state, was, verdict } = body as ComplianceNews // as compliance appends it
  if (was === undefined || statusOf(was) === statusOf(state)) return undefined
  const found = await devices.find(device)
  const user = found && (await directory.user(found.owner))
  const findings = verdict?.findings ?? []
  const reason = verdict
    ? findings.map(explain).join('; ') || 'Every policy is met.'
    : 'The device was retired.'
  return {
    id: `compliance-${seq}`,
    at,
    device,
    owner: user?.mail || undefined,
    previous: statusOf(was),
    current: statusOf(state),
    reason: reason.slice(0, limits.signalReasonChars.value),
  }
}

type Sending = SignalsGiven & {
  readonly receiver: Receiver
  readonly sign: Awaited<ReturnType<typeof createSigning>>['sign']
}

/** One event after the other, woken by one alarm; one that is not taken holds back those behind it, so that none overtakes. */
function createSending(given: Sending): { stop(): Promise<void> } {
  const { store, clock, log, receiver, issuer, sign } = given
  const { db } = store
  let stopped = false
  let pumping: Promise<void> = Promise.resolve()

  const sendOne = async (row: EventRow): Promise<void> => {
    const change = JSON.parse(row.document) as ComplianceChange // as it was queued
    const { audience } = receiver
    try {
      const event = complianceChangeEvent(change, { issuer: issuer(), audience })
      const outcome = await pushEvent(receiver, await sign(event), clock)
      const refused = outcome === 'taken' ? undefined : outcome.code
      log.info('signals.settled', { event: change.id, ...(refused && { refused }) })
      await dropEvent(db, row.seq)
    } catch (thrown) {
      const givenUp = clock.now() - row.queuedAt > limits.signalGiveUpMs.value
      log.error('signals.send', thrown, { event: change.id, tries: row.tries + 1, givenUp })
      await (givenUp ? dropEvent(db, row.seq) : noteTry(db, row, clock.now() + delayMs(row.tries)))
    }
  }

  const pump = async () => {
    const end = clock.now() + limits.alarmLeaseMs.value / 2
    for (;;) {
      const row = await firstEvent(db)
      if (!row || stopped) return
      // Before the lease is over, so that no other node sends the same meanwhile; news of other events wakes it early.
      const now = clock.now()
      if (now >= end || row.dueAt > now) {
        const due = Math.max(now, row.dueAt)
        return await store.transact((tx) => store.alarms.set(tx, alarmKind, alarmSubject, due))
      }
      await sendOne(row)
    }
  }

  store.alarms.on(alarmKind, async () => {
    // Thrown, so that the alarm is kept for the next start.
    if (stopped) throw new Failure('store.unavailable', 'stopping')
    pumping = pump()
    await pumping
  })
  return {
    async stop() {
      stopped = true
      await pumping
    },
  }
}

const delayMs = (tries: number): number =>
  Math.min(limits.signalRetryMs.value * 2 ** Math.min(tries, 16), limits.signalRetryLongestMs.value)
