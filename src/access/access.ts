import type { Clock, Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Compliance } from '../compliance/compliance.ts'
import type { Devices, PartnershipId } from '../devices/devices.ts'
import type { Directory, UserId } from '../directory/directory.ts'
import type { Entry } from '../store/journal.ts'
import type { Store, Tx } from '../store/store.ts'
import { type DecisionTable, decisionTable } from './conditions/table.ts'
import { createDeciding, type Deciding } from './deciding.ts'
import type { AccessState, AccessStateReason, Decision, Outcome } from './decision.ts'
import { createKeeping, recheckAlarm } from './keeping.ts'
import { createLive, newsKinds } from './live.ts'
import type { AccessPolicies } from './policy.ts'
import { changePolicies, judgeMailbox, type PolicyParts } from './policy-change.ts'
import { readLog, readPolicies } from './records.ts'
import { createWatching } from './watching.ts'
import { createRedeciding, type Redeciding } from './redeciding.ts'

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
   * Replaces the given parts, all or nothing, together with what `alongside` writes; the next request on this node meets
   * them. Throws `policy.invalid`.
   */
  change(
    parts: PolicyParts,
    actor: string,
    alongside?: (tx: Tx) => Promise<unknown>,
  ): Promise<AccessPolicies>
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
  log(filter: {
    partnership?: PartnershipId
    before?: number
    limit: number
  }): Promise<readonly LogEntry[]>
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
  compliance: Pick<Compliance, 'verdicts'>
  clock: Clock
  log: Log
  /** Other steps than the usual: for tests that plant a fault. */
  table?: DecisionTable
}): Promise<NodeAccess> {
  const { store, directory, devices, clock, log, table = decisionTable } = rooms
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve))
  const live = await createLive({ ...rooms, pause })
  const keeping = await createKeeping({ store, devices, snapshot: live.snapshot, clock, log })
  const watching = createWatching({ store, live, clock })
  const deciding = createDeciding({ live, keeping, table, watching, clock, log })
  const { decideNow } = deciding
  const redeciding = createRedeciding({ live, keeping, decideNow, clock, pause })

  const stopFollowing = await follow({ store, deciding, redeciding })
  // The steps may be other ones than those by which the kept decisions were made.
  const begun = redeciding
    .drain(clock.now())
    .catch((thrown: unknown) => void log.error('access.begin', thrown))

  return {
    deciding,
    policies: () => readPolicies(store.db),
    current: () => live.snapshot.policies,
    async change(parts, actor, alongside) {
      const policies = await changePolicies({ store, directory }, { parts, actor, alongside })
      await live.caughtUp()
      return policies
    },
    async judgePersonally(id, word, actor) {
      const partnership = await devices.find(id)
      if (!partnership) throw new Failure('not.found', `no partnership ${id}`)
      const { user, eas } = partnership
      await judgeMailbox(store, { partnership: id, user, deviceId: eas.deviceId, word, actor })
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
      await keeping.stop()
    },
  }
}

/** Hears what changes decisions, and what other nodes have kept. Returns the end of it. */
async function follow(given: {
  store: Store
  deciding: Deciding
  redeciding: Redeciding
}): Promise<() => Promise<void>> {
  const { store, redeciding } = given
  const { live, keeping } = given.deciding

  async function take({ kind, at, body }: Entry): Promise<void> {
    const { partnership } = body as { partnership: PartnershipId } // as this room and devices append them
    await live.caughtUp()
    if (kind === 'partnership.removed') await keeping.forget(partnership)
    // A node that is behind may have kept what no longer holds; the one that acts for all has the last word.
    if (kind === 'access.changed') await redeciding.some([partnership], at)
    else await redeciding.drain(at)
  }
  const hearing = await store.journal.follow({
    name: 'access.kept',
    kinds: ['access.changed', 'partnership.removed'],
    durable: false,
    async take({ kind, body }) {
      const news = body as AccessNews // the other kind has a partnership too
      if (kind === 'access.changed') await keeping.heard(news)
      else keeping.gone(news.partnership)
    },
  })
  const kinds = [...newsKinds, 'access.changed']
  const following = await store.journal.follow({ name: 'access', kinds, durable: true, take })
  store.alarms.on(recheckAlarm, async (partnership, at) => {
    await live.caughtUp()
    await redeciding.some([partnership as PartnershipId], at) // set for partnerships only
  })
  return async () => {
    await Promise.all([following.stop(), hearing.stop()])
  }
}
