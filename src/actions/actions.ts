import type { Clock, Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Id } from '../base/id.ts'
import type { Compliance } from '../compliance/compliance.ts'
import type { PolicyId } from '../compliance/policy.ts'
import type { DeviceId, Devices } from '../devices/devices.ts'
import type { Directory } from '../directory/directory.ts'
import type { HistoryWriter } from '../history/history.ts'
import type { Store, Tx } from '../store/store.ts'
import { createCarrying } from './carrying.ts'
import { createFiring } from './firing.ts'
import type { Letter, Wording } from './letter.ts'
import type { FiringRow } from './migrations.ts'
import type { Push } from './push.ts'
import { dropFirings, readFirings, readSpells } from './records.ts'
import { type CarriedType, dueAt, openSteps } from './schedule.ts'
import { actingPolicies, createSpells } from './spells.ts'
import { createTemplates, type Templates } from './templates.ts'

/** `act_…` */
export type ActionId = Id<'act'>

/**
 * `due`: to come; `confirmation`: a person has to say yes; `pending`: nothing here can carry it out, it waits for a
 * channel that can; `sending`, `confirmed`: being carried out; `over`: the device met the policy again first.
 */
export type ActionState =
  | 'due'
  | 'confirmation'
  | 'pending'
  | 'sending'
  | 'confirmed'
  | 'done'
  | 'failed'
  | 'dismissed'
  | 'over'

/** Why an action failed, waits, or was done in part. */
export type ActionCode =
  | 'noTemplate'
  | 'noAddress'
  | 'noOwner'
  | 'noGroup'
  | 'tooMany'
  | 'noChannel'
  | 'pushNotConfigured'
  | 'pushRefused'
  | 'pushGivenUp'
  | 'noDevice'

/** One action on one device: to come, waiting, or done. */
export interface ActionEntry {
  /** Absent while it is to come. */
  readonly id?: ActionId
  readonly device: DeviceId
  readonly policy: PolicyId
  readonly policyName: string
  readonly type: CarriedType
  readonly dueAt: Instant
  readonly state: ActionState
  readonly code?: ActionCode
  readonly firedAt?: Instant
  /** Who confirmed or dismissed it. */
  readonly actor?: string
  readonly changedAt?: Instant
}

/**
 * What is done to those who do not meet a policy. Follows `compliance.changed`; each action of a policy is fired once per
 * spell of not meeting it, at its hour, and only if the device, judged at that moment, still does not. A spell ends when
 * the device meets the policy, is retired, or the policy is gone; what waits then is over, and a later spell begins anew.
 * Appends `action.changed` `{ action, device, type, state, code?, actor? }`.
 */
export interface Actions {
  /** What is to come, waits, and was done, the earliest due first. */
  list(): Promise<readonly ActionEntry[]>
  /** A person says yes: retires the device, or leaves the wipe for a channel. Throws `not.found`, `action.settled`. */
  confirm(id: string, actor: string): Promise<ActionEntry>
  /** A person says no. Throws `not.found`, `action.settled`. */
  dismiss(id: string, actor: string): Promise<ActionEntry>
  /** Fires a failed one again. Throws `not.found`, `action.settled`. */
  retry(id: string, actor: string): Promise<void>
  readonly templates: Templates
  stop(): Promise<void>
}

/** What actions ask of the rooms around them. */
export interface ActionsGiven {
  readonly store: Store
  readonly history: HistoryWriter
  readonly clock: Clock
  readonly log: Log
  readonly directory: Directory
  readonly devices: Devices
  readonly compliance: Compliance
  readonly wording: Wording
  /** Queues a mail in this transaction; `about` names what it is about, for `recall`. */
  post(tx: Tx, letter: Letter & { readonly to: string; readonly about: string }): Promise<void>
  /** Mails about this that were not sent yet never are. */
  recall(tx: Tx, about: string): Promise<void>
  /** Both forms of a message, as they would be sent. */
  layOut(letter: Letter): { readonly text: string; readonly html: string }
  portalUrl(): string
  readonly push: Push | undefined
}

/** Starts to follow and to fire. */
export async function createActions(given: ActionsGiven): Promise<Actions> {
  const { store, clock, compliance } = given
  const templates = createTemplates(given)
  const spells = createSpells(given)
  const firing = createFiring(given, spells, templates)
  const carrying = createCarrying(given)
  const follower = await store.journal.follow({
    name: 'actions',
    kinds: ['compliance.changed', 'compliance.policies'],
    durable: true,
    async take({ kind, body }) {
      if (kind === 'compliance.policies') {
        await dropFirings(store.db, clock.now() - limits.actionKeepMs.value)
        return await spells.all()
      }
      await spells.settle((body as { device: DeviceId }).device) // as compliance appends it
    },
  })

  return {
    templates,
    async list() {
      const acting = actingPolicies(await compliance.kept())
      const rows = await readFirings(store.db, limits.actionsListed.value)
      const fired = rows.toReversed().map(entryOf)
      const coming = (await readSpells(store.db)).flatMap((spell) => {
        const policy = acting.get(spell.policy)
        return openSteps(spell, policy?.steps ?? []).map(
          (step): ActionEntry => ({
            device: spell.device as DeviceId, // written from one
            policy: spell.policy as PolicyId, // likewise
            policyName: policy?.name ?? '',
            type: step.type,
            dueAt: dueAt(spell.since, step),
            state: 'due',
          }),
        )
      })
      // Of one hour, what was fired stands before what is to come, and by when it was.
      const order = ({ dueAt: due, firedAt = Infinity }: ActionEntry) => [due, firedAt] as const
      return [...fired, ...coming].sort((a, b) => {
        const [[dueA, firedA], [dueB, firedB]] = [order(a), order(b)]
        return dueA - dueB || (firedA === firedB ? 0 : firedA - firedB)
      })
    },
    confirm: async (id, actor) => entryOf(await carrying.confirm(id, actor)),
    dismiss: async (id, actor) => entryOf(await carrying.dismiss(id, actor)),
    retry: (id, actor) => firing.retry(id, actor),
    stop: () => follower.stop(),
  }
}

function entryOf(row: FiringRow): ActionEntry {
  // Our own row, written from these types.
  const { id, device, policy, type, state } = row as FiringRow & {
    id: ActionId
    device: DeviceId
    policy: PolicyId
    type: CarriedType
    state: ActionState
  }
  const { policyName, dueAt: due, code, firedAt, actor, changedAt } = row
  return {
    id,
    device,
    policy,
    policyName,
    type,
    dueAt: due,
    state,
    ...(code !== null && { code: code as ActionCode }), // likewise
    firedAt,
    ...(actor !== null && { actor }),
    changedAt,
  }
}
