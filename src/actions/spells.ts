import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { newId } from '../base/id.ts'
import { limits } from '../base/limits.ts'
import type { KeptPolicy } from '../compliance/policy.ts'
import type { Verdict } from '../compliance/verdict.ts'
import type { DeviceId } from '../devices/devices.ts'
import type { Tx } from '../store/store.ts'
import type { ActionsGiven } from './actions.ts'
import { addSpell, endSpell, type KeptSpell, pageFailing, readSpells } from './records.ts'
import { type Acting, nextDue, type Standing, standingOf, stepsOf } from './schedule.ts'

/** Rings when the next step of a device is due. */
export const dueAlarm = 'actions.due'

/** What a device stands to: its judgement, and since when that is so. */
export type Judged = Pick<Verdict, 'state' | 'policies'> & { readonly judgedAt: Instant }

/** Which devices do not meet which policies, since when. */
export interface Spells {
  /** Begins and ends spells of the device by its saved verdict, and sets its alarm. */
  settle(device: DeviceId): Promise<void>
  /** The same by a judgement at hand; `undefined` when the device is gone. Gives the spells that stand now. */
  settleBy(
    device: DeviceId,
    judged: Judged | undefined,
    policies: readonly KeptPolicy[],
  ): Promise<readonly KeptSpell[]>
  /** Every device: the policies changed. */
  all(): Promise<void>
}

/** The policies by their ids, as far as their actions go. */
export function actingPolicies(kept: readonly KeptPolicy[]): ReadonlyMap<string, Acting> {
  return new Map<string, Acting>(
    kept.map(({ id, policy }) => [id, { id, name: policy.name, steps: stepsOf(policy.actions) }]),
  )
}

type Given = Pick<ActionsGiven, 'store' | 'clock' | 'compliance' | 'recall'>

/** Spells in the store. */
export function createSpells(given: Given): Spells {
  const { store, compliance } = given

  const settleBy: Spells['settleBy'] = async (device, judged, policies) => {
    const acting = actingPolicies(policies)
    const standings = standingsOf(judged, acting)
    const [spells, failing] = [await readSpells(store.db, device), beginning(standings, acting)]
    // Most devices meet everything, and cost one look.
    if (spells.length === 0 && failing.length === 0) return []
    return await store.transact((tx) => keep(given, tx, { device, judged, standings, acting }))
  }

  async function settle(device: DeviceId, policies?: readonly KeptPolicy[]): Promise<void> {
    const kept = policies ?? (await compliance.kept())
    const verdict = await compliance.verdict(device)
    // It may have been judged by other policies than these, or by the same under other names.
    const current = verdict && (await isCurrent(device, verdict, kept))
    await settleBy(device, current === false ? await judgeNow(given, device) : verdict, kept)
  }

  async function isCurrent(device: DeviceId, judged: Judged, kept: readonly KeptPolicy[]) {
    const known = new Set(judged.policies.map(({ policy }) => policy))
    const missing: readonly string[] = kept
      .filter(({ policy }) => !known.has(policy.name))
      .map(({ id }) => id)
    if (missing.length === 0) return true
    return !(await readSpells(store.db, device)).some(({ policy }) => missing.includes(policy))
  }

  return {
    settle: (device) => settle(device),
    settleBy,
    async all() {
      const policies = await compliance.kept()
      const acting = actingPolicies(policies)
      const failing = new Set<DeviceId>()
      if ([...acting.values()].some(({ steps }) => steps.length > 0))
        for (const verdict of await compliance.verdicts())
          if (beginning(standingsOf(verdict, acting), acting).length > 0)
            failing.add(verdict.device)
      for (const device of failing) await settle(device, policies)
      for (let last = ''; ; ) {
        const page = { after: last, limit: limits.actionsPage.value }
        const ids = await pageFailing(store.db, page)
        for (const id of ids as DeviceId[]) // written from device ids
          if (!failing.has(id)) await settle(id, policies)
        last = ids.at(-1) ?? ''
        if (ids.length < page.limit) return
      }
    },
  }
}

/** How the device stands at this moment, whatever was heard of it; `undefined` when it is gone. */
export async function judgeNow(
  { compliance, clock }: Pick<ActionsGiven, 'compliance' | 'clock'>,
  device: DeviceId,
  at: Instant = 0,
): Promise<Judged | undefined> {
  try {
    return { ...(await compliance.detail(device)), judgedAt: Math.max(clock.now(), at) }
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'not.found') return undefined
    throw thrown
  }
}

/** By policy id; a policy that does not reach the device has nothing against it. */
function standingsOf(
  judged: Judged | undefined,
  acting: ReadonlyMap<string, Acting>,
): ReadonlyMap<string, Standing> {
  if (!judged) return new Map()
  const results = new Map(judged.policies.map(({ policy, state }) => [policy, state]))
  return new Map(
    [...acting.values()].map(({ id, name }) => [id, standingOf(results.get(name), judged.state)]),
  )
}

/** Policies that the device does not meet and that do something about it. */
function beginning(
  standings: ReadonlyMap<string, Standing>,
  acting: ReadonlyMap<string, Acting>,
): readonly Acting[] {
  return [...acting.values()].filter(
    ({ id, steps }) => steps.length > 0 && standings.get(id) === 'failing',
  )
}

async function keep(
  { store, clock, recall }: Given,
  tx: Tx,
  now: {
    device: DeviceId
    judged: Judged | undefined
    standings: ReadonlyMap<string, Standing>
    acting: ReadonlyMap<string, Acting>
  },
): Promise<readonly KeptSpell[]> {
  const { device, judged, standings, acting } = now
  const at = clock.now()
  const standing: KeptSpell[] = []
  for (const spell of await readSpells(tx, device)) {
    const state = standings.get(spell.policy)
    if (state === 'failing' || state === 'unclear') {
      standing.push(spell)
      continue
    }
    // Healthy, or the policy or the device is gone.
    await endSpell(tx, spell.id, at)
    await recall(tx, spell.id)
  }
  for (const { id: policy } of beginning(standings, acting)) {
    if (standing.some((spell) => spell.policy === policy)) continue
    // Found when it was judged; a clock that was set back since makes nothing wait.
    const since = Math.min(judged?.judgedAt ?? at, at)
    const spell = { id: newId('spl', at), device, policy, since }
    await addSpell(tx, spell)
    standing.push({ ...spell, taken: new Set() })
  }
  const steps = new Map([...acting.values()].map((policy) => [policy.id, policy.steps]))
  // What is unclear fires nothing, and has no alarm until it is clear.
  const failing = standing.filter(({ policy }) => standings.get(policy) === 'failing')
  await store.alarms.set(tx, dueAlarm, device, nextDue(failing, steps))
  return standing
}
