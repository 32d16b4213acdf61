import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Devices, PartnershipId } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import type { Store, Tx } from '../store/store.ts'
import type { AccessNews, SavedDecision } from './access.ts'
import type { Decision, Reason } from './decision.ts'
import { createGathering } from './gathering.ts'
import {
  addRequests,
  type DecisionDraft,
  deleteState,
  readStates,
  saveDecisions,
} from './records.ts'
import { loggedClient } from './request.ts'
import type { Snapshot } from './snapshot.ts'

/** A decision that was just made. */
export interface Fresh extends Pick<DecisionDraft, 'partnership' | 'decision' | 'latencyMs'> {
  readonly user: UserId
}

/** Decisions that are kept, those of this node at hand in memory. */
export interface Keeping {
  /** True when this is what is kept already. */
  isKept(partnership: PartnershipId, decision: Decision): boolean
  /** What is kept of one, with the requests that this node knows of. */
  of(partnership: PartnershipId): SavedDecision | undefined
  /** All that is kept, likewise. */
  all(): ReadonlyMap<PartnershipId, SavedDecision>
  /** Keeps what is new or different, with its news and its alarm, in one transaction; the rest is passed over. */
  keep(fresh: readonly Fresh[], options: { onlyKnown: boolean }): Promise<void>
  forget(partnership: PartnershipId): Promise<void>
  /** The partnership is gone; whoever acts for all nodes forgets what is kept of it. */
  gone(partnership: PartnershipId): void
  /** One more request that changed nothing. */
  count(partnership: PartnershipId): void
  /** Another node, or this one, has kept a decision. */
  heard(news: AccessNews): Promise<void>
  stop(): Promise<void>
}

/** Rings when a decision could differ by time alone. */
export const recheckAlarm = 'access.recheck'

interface Given {
  readonly store: Store
  readonly devices: Devices
  readonly snapshot: Snapshot
  readonly clock: Clock
  readonly log: Log
}

/** Loads what is kept. */
export async function createKeeping(given: Given): Promise<Keeping> {
  const { store, devices, snapshot, clock, log } = given
  const known = new Map<PartnershipId, SavedDecision>()
  for (const { decision, policyRefused } of await readStates(store.db)) {
    known.set(decision.partnership, decision)
    if (policyRefused) snapshot.setPolicyRefused(decision.partnership, true)
  }
  const counting = createCounting(store, clock, log)
  for (const [id, { requests }] of known) counting.begin(id, requests)
  const gone = (partnership: PartnershipId) => {
    known.delete(partnership)
    counting.forget(partnership)
    snapshot.setPolicyRefused(partnership, false)
  }

  async function forget(partnership: PartnershipId): Promise<void> {
    gone(partnership)
    await store.transact(async (tx) => {
      await deleteState(tx, partnership)
      await store.alarms.set(tx, recheckAlarm, partnership, undefined)
    })
  }

  return {
    isKept(partnership, decision) {
      const kept = known.get(partnership)
      return kept !== undefined && isSameDecision(kept, decision)
    },
    of(partnership) {
      const kept = known.get(partnership)
      return kept && { ...kept, requests: counting.of(partnership) }
    },
    all: () =>
      new Map([...known].map(([id, decision]) => [id, { ...decision, requests: counting.of(id) }])),
    async keep(fresh, options) {
      const { kept, begun } = await store.transact((tx) => keepIn(given, tx, fresh, options))
      for (const decision of kept) known.set(decision.partnership, decision)
      // Dropped before that: the news of it has passed, and the decision would stay for good. Dropped later: the news
      // is still to come.
      for (const id of begun) if (!(await devices.find(id))) await forget(id)
    },
    forget,
    gone,
    count: counting.count,
    async heard({ partnership, outcome, state, stateReason }) {
      const kept = known.get(partnership)
      if (kept?.outcome === outcome && kept.state === state && kept.stateReason === stateReason)
        return
      const [saved] = await readStates(store.db, [partnership])
      // What this node kept while it was read is newer.
      if (!saved || known.get(partnership) !== kept) return
      known.set(partnership, saved.decision)
      snapshot.setPolicyRefused(partnership, saved.policyRefused)
    },
    stop: counting.stop,
  }
}

async function keepIn(
  { store, snapshot, clock }: Given,
  tx: Tx,
  fresh: readonly Fresh[],
  { onlyKnown }: { onlyKnown: boolean },
): Promise<{ kept: readonly SavedDecision[]; begun: readonly PartnershipId[] }> {
  const now = clock.now()
  const ids = fresh.map(({ partnership }) => partnership)
  const rows = new Map((await readStates(tx, ids)).map((row) => [row.decision.partnership, row]))
  const kept: SavedDecision[] = []
  const drafts: (DecisionDraft & Fresh)[] = []
  for (const one of fresh) {
    const { partnership, decision } = one
    const row = rows.get(partnership)
    const policyRefused = snapshot.policyRefused(partnership)
    if (row && isSameDecision(row.decision, decision)) {
      kept.push(row.decision)
    } else if (row || !onlyKnown) {
      const circumstances = snapshot.circumstances(partnership)
      drafts.push({
        ...one,
        policyRefused,
        decidedAt: now,
        was: row?.decision.outcome,
        address: circumstances?.address,
        client: circumstances && loggedClient(circumstances),
      })
      const requests = row?.decision.requests ?? 0
      kept.push({ ...decision, partnership, decidedAt: now, requests })
    }
  }
  const begun = drafts.filter(({ partnership }) => !rows.has(partnership))
  const result = { kept, begun: begun.map(({ partnership }) => partnership) }
  if (drafts.length === 0) return result
  await saveDecisions(tx, drafts)
  for (const { partnership, user, decision, was } of drafts) {
    const { outcome, state, stateReason, recheckAt } = decision
    const news: AccessNews = { partnership, user, outcome, ...(was && { was }), state, stateReason }
    await store.journal.append(tx, 'access.changed', news)
    if (recheckAt !== rows.get(partnership)?.decision.recheckAt)
      await store.alarms.set(tx, recheckAlarm, partnership, recheckAt)
  }
  return result
}

/** Whether two decisions say the same for as long, the way to them apart. */
export function isSameDecision(a: Decision, b: Decision): boolean {
  return a.recheckAt === b.recheckAt && saysTheSame(a, b)
}

/** Whether two decisions say the same at this moment. */
export function saysTheSame(a: Decision, b: Decision): boolean {
  return (
    a.outcome === b.outcome &&
    a.judged === b.judged &&
    a.enforced === b.enforced &&
    a.state === b.state &&
    a.stateReason === b.stateReason &&
    (a.reasons === b.reasons ||
      (a.reasons.length === b.reasons.length &&
        a.reasons.every((reason, index) => isSameReason(reason, b.reasons[index]))))
  )
}

function isSameReason(a: Reason, b: Reason | undefined): boolean {
  return (
    a.code === b?.code &&
    a.policy === b.policy &&
    a.measured === b.measured &&
    a.required === b.required
  )
}

/** Requests of each client: all from memory, and those that are not written yet on their way to the store. */
function createCounting(store: Store, clock: Clock, log: Log) {
  const totals = new Map<PartnershipId, number>()
  const oneMore = (count = 0) => count + 1
  const { note, stop } = createGathering<number>({ clock, log, event: 'access.count' }, (leaving) =>
    store.transact((tx) => addRequests(tx, leaving)),
  )
  return {
    begin: (id: PartnershipId, requests: number) => void totals.set(id, requests),
    of: (id: PartnershipId) => totals.get(id) ?? 0,
    forget: (id: PartnershipId) => void totals.delete(id),
    count(id: PartnershipId) {
      totals.set(id, oneMore(totals.get(id)))
      note(id, oneMore)
    },
    stop,
  }
}
