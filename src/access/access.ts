import { type Clock, endTurn, type Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Compliance } from '../compliance/compliance.ts'
import type { Devices, PartnershipId } from '../devices/devices.ts'
import type { Directory, UserId } from '../directory/directory.ts'
import type { HistoryWriter } from '../history/history.ts'
import type { Store } from '../store/store.ts'
import { type DecisionTable, decisionTable } from './conditions/table.ts'
import { createDeciding, type Deciding } from './deciding.ts'
import type { AccessState, AccessStateReason, Decision, Outcome } from './decision.ts'
import { followNews } from './following.ts'
import { createKeeping } from './keeping.ts'
import { createLive } from './live.ts'
import type { AccessPolicies, Unconfirmed } from './policy.ts'
import type { Consequence } from './lockout.ts'
import type { LoggedClient } from './request.ts'
import { createPlaces } from './places.ts'
import {
  type Alongside,
  type ChangeOptions,
  createChanges,
  judgeMailbox,
  type PolicyParts,
  tryPolicies,
} from './policy-change.ts'
import { readLog, readPolicies, readUnconfirmed } from './records.ts'
import { createRedeciding } from './redeciding.ts'
import { Reviews } from './reviews.ts'
import { createTrying, type Joining } from './trying.ts'
import { confirmChange, undoAlarm, undoChange } from './unconfirmed.ts'
import { createWatching } from './watching.ts'

/** The last decision kept per partnership. */
export interface SavedDecision extends Decision {
  readonly partnership: PartnershipId
  /** When this outcome and these reasons were first reached. */
  readonly decidedAt: Instant
  /** Requests since the partnership began, as far as this node knows; written within some seconds. */
  readonly requests: number
}

/** A new or changed decision as it was at its time. */
export interface LogEntry extends Omit<SavedDecision, 'requests'> {
  readonly seq: number
  readonly was: Outcome | undefined
  /** From the request, or from the news that led to it. */
  readonly latencyMs: number
  readonly user: UserId | undefined
  /** Where the client was last seen. */
  readonly address: string | undefined
  readonly client: LoggedClient | undefined
}

/** Which entries of the decision log are wanted. */
export interface LogFilter {
  readonly partnership?: PartnershipId
  readonly user?: UserId
  readonly outcome?: Outcome
  readonly since?: Instant
  /** Older than the entry of this number. */
  readonly before?: number
  readonly limit: number
}

/** What `access.changed` says. */
export interface AccessNews {
  readonly partnership: PartnershipId
  readonly user: UserId
  readonly outcome: Outcome
  readonly was?: Outcome
  readonly state: AccessState
  readonly stateReason: AccessStateReason
}

/**
 * The administrator's side of access; `gate.ts` is the doors' side. Appends `access.changed`
 * `{ partnership, user, outcome, was?, state, stateReason }` with each new or changed decision,
 * `access.policies` `{ actor, user? }` with a policy change, `user` where it is about one mailbox, and `access.autoblock`
 * `{ partnership }` when a client that ran wild is kept out, or let in again.
 */
export interface Access {
  policies(): Promise<AccessPolicies>
  /** Those by which this node decides, from memory: the same object until it has heard of a change. */
  current(): AccessPolicies
  /**
   * Replaces the given parts, all or nothing, together with what goes `alongside`; the next request on this node meets
   * them. Throws `policy.invalid`, a `Lockout` where it would keep people from mail who must not be and that is not
   * confirmed, and `policy.unsettled`.
   */
  change(
    parts: PolicyParts,
    actor: string,
    alongside?: Alongside,
    options?: ChangeOptions,
  ): Promise<AccessPolicies>
  /** What the same change would do, and to whom; changes nothing. Throws `policy.invalid`. */
  replay(parts: PolicyParts, actor: string, alongside?: Alongside): Promise<Consequence>
  /** What it would do if these users were in this group too, by the policies in force; changes nothing. */
  replayJoining(joining: Joining, actor: string): Promise<Consequence>
  /** The change that is undone unless it is confirmed. */
  unconfirmed(): Promise<Unconfirmed | undefined>
  /** It stays. Throws `not.found` where none waits. */
  confirm(actor: string): Promise<Unconfirmed>
  /**
   * Administrator's word on one client: personal lists of the mailbox, and approval; any word but `block` ends an autoblock. Resolves when the client is decided
   * anew. Throws `not.found`.
   */
  judgePersonally(
    partnership: PartnershipId,
    word: 'allow' | 'block' | 'none',
    actor: string,
  ): Promise<void>
  /** The one kept for this client, from memory. */
  decision(partnership: PartnershipId): Promise<SavedDecision | undefined>
  /** All, from memory. */
  decisions(): Promise<ReadonlyMap<PartnershipId, SavedDecision>>
  /** Newest first; new or changed decisions only. */
  log(filter: LogFilter): Promise<readonly LogEntry[]>
  stop(): Promise<void>
}

/** Access with what the gate of the same node decides with. */
export interface NodeAccess extends Access {
  readonly deciding: Deciding
}

/** Loads the snapshot of this node and decides again whenever news, or time, could change a decision. */
export async function createAccess(rooms: {
  store: Store
  directory: Directory
  devices: Devices
  compliance: Pick<Compliance, 'verdicts' | 'kept' | 'changing'>
  history: HistoryWriter
  clock: Clock
  log: Log
  /** Other steps than the usual: for tests that plant a fault. */
  table?: DecisionTable
}): Promise<NodeAccess> {
  const { store, directory, devices, clock, log, table = decisionTable } = rooms
  const live = await createLive({ ...rooms, pause: endTurn })
  const keeping = await createKeeping({ store, devices, snapshot: live.snapshot, clock, log })
  const watching = createWatching({ store, live, clock })
  const places = createPlaces({ store, clock, log })
  const reviews = new Reviews()
  const deciding = createDeciding({ live, keeping, places, watching, reviews, table, clock, log })
  const { decideNow } = deciding
  const redeciding = createRedeciding({ live, keeping, decideNow, reviews, clock, pause: endTurn })
  const tried = createTrying({ store, live, table, clock, log, pause: endTurn })
  const changing = { ...rooms, tried }
  const changePolicies = createChanges(changing)

  const stopFollowing = await followNews({ store, deciding, redeciding })
  store.alarms.on(undoAlarm, (id) => undoChange(rooms, id))
  // The steps may be other ones than those by which the kept decisions were made.
  const begun = redeciding
    .drain(clock.now())
    .catch((thrown: unknown) => void log.error('access.begin', thrown))

  return {
    deciding,
    policies: () => readPolicies(store.db),
    current: () => live.snapshot.policies,
    async change(parts, actor, alongside, options) {
      const policies = await changePolicies({ ...options, parts, actor, alongside })
      await live.caughtUp()
      return policies
    },
    replay: async (parts, actor, alongside) =>
      (await tryPolicies(changing, { parts, actor, alongside })).consequence,
    async replayJoining(joining, actor) {
      const [before, everybody] = [await readPolicies(store.db), await directory.everybody()]
      return await tried({ before, parts: {}, actor, everybody, joining })
    },
    unconfirmed: () => readUnconfirmed(store.db),
    confirm: (actor) => confirmChange(rooms, actor),
    async judgePersonally(id, word, actor) {
      const partnership = await devices.find(id)
      if (!partnership) throw new Failure('not.found', `no partnership ${id}`)
      const { user, eas } = partnership
      const deviceId = eas.deviceId
      await judgeMailbox(rooms, { partnership: id, user, deviceId, word, actor })
      await live.caughtUp()
      await redeciding.some(live.snapshot.ofUser(user), clock.now())
    },
    decision: async (partnership) => keeping.of(partnership),
    decisions: async () => keeping.all(),
    log: ({ limit, ...filter }) =>
      readLog(store.db, { ...filter, limit: Math.min(limit, limits.decisionLogPage.value) }),
    async stop() {
      await begun
      await stopFollowing()
      await live.stop()
      await Promise.all([keeping.stop(), places.stop()])
    },
  }
}
