import { hour } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { newId } from '../base/id.ts'
import { limits } from '../base/limits.ts'
import type { CompliancePolicy, KeptPolicy } from '../compliance/policy.ts'
import type { Finding } from '../compliance/verdict.ts'
import type { Device, DeviceId } from '../devices/devices.ts'
import { type Everybody, transitiveGroups, type User } from '../directory/directory.ts'
import type { ActionCode, ActionsGiven, ActionState } from './actions.ts'
import { carryAlarm, tellChange } from './carrying.ts'
import { composeLetter, type Letter } from './letter.ts'
import type { FiringRow } from './migrations.ts'
import { addFiring, dropFailed, findFiring, type KeptSpell, readSpells } from './records.ts'
import { dueAt, nextDue, openSteps, type Step, standingOf, stepsOf } from './schedule.ts'
import { actingPolicies, dueAlarm, judgeNow, type Judged, type Spells } from './spells.ts'
import type { Templates } from './templates.ts'

/** Fires what is due. */
export interface Firing {
  retry(id: string, actor: string): Promise<void>
}

/** What a step comes to, found out before the transaction that claims it. */
interface Outcome {
  readonly state: ActionState
  readonly code?: ActionCode
  readonly letters?: readonly (Letter & { readonly to: string })[]
}

/** A step that is due. */
interface Due {
  readonly device: DeviceId
  readonly spell: KeptSpell
  readonly step: Step
  readonly policy: KeptPolicy
  readonly findings: readonly Finding[]
}

/**
 * Fires by the alarm of a device. What is fired is claimed by a row, written with the mails that it queues or the alarm
 * that carries it out, in one transaction: so on whichever nodes alarms ring, and however often, each step is taken once.
 */
export function createFiring(given: ActionsGiven, spells: Spells, templates: Templates): Firing {
  const { store, clock, compliance } = given

  store.alarms.on(dueAlarm, async (subject, at) => {
    const device = subject as DeviceId // set for devices only
    const policies = await compliance.kept()
    const judged = await judgeNow(given, device, at)
    const standing = await spells.settleBy(device, judged, policies)
    for (const due of judged ? dueNow(device, standing, judged, policies) : []) {
      const outcome = await outcomeOf(given, templates, due)
      await claim(given, due, outcome, policies)
    }
  })

  return {
    async retry(id, actor) {
      await store.transact(async (tx) => {
        const row = await findFiring(tx, id)
        if (!row) throw new Failure('not.found', `no action ${id}`)
        const alive = (await readSpells(tx, row.device)).some((spell) => spell.id === row.spell)
        if (!alive) throw new Failure('action.settled', 'the device meets the policy by now')
        if (!(await dropFailed(tx, id)))
          throw new Failure(
            'action.settled',
            `the action is ${row.state}; only a failed one is fired again`,
          )
        await tellChange(given, tx, { ...row, state: 'due', code: null, actor })
        await store.alarms.set(tx, dueAlarm, row.device, clock.now())
      })
    },
  }
}

/** Steps whose hour has come, of policies that the device does not meet now; the earliest first. */
function dueNow(
  device: DeviceId,
  standing: readonly KeptSpell[],
  judged: Judged,
  policies: readonly KeptPolicy[],
): readonly Due[] {
  const due = standing.flatMap((spell) => {
    const policy = policies.find(({ id }) => id === spell.policy)
    const result = judged.policies.find((one) => one.policy === policy?.policy.name)
    if (!policy || !result || standingOf(result.state, judged.state) !== 'failing') return []
    const { findings } = result
    return openSteps(spell, stepsOf(policy.policy.actions))
      .filter((step) => dueAt(spell.since, step) <= judged.judgedAt)
      .map((step): Due => ({ device, spell, step, policy, findings }))
  })
  return due.sort((a, b) => dueAt(a.spell.since, a.step) - dueAt(b.spell.since, b.step))
}

async function outcomeOf(given: ActionsGiven, templates: Templates, due: Due): Promise<Outcome> {
  switch (due.step.type) {
    case 'notification':
      return await notify(given, templates, due)
    case 'pushNotification':
      return given.push ? { state: 'sending' } : { state: 'failed', code: 'pushNotConfigured' }
    case 'remoteLock':
      return { state: 'pending', code: 'noChannel' }
    default:
      // To retire or wipe is for a person to decide: no clock and no policy does it alone.
      return { state: 'confirmation' }
  }
}

async function notify(given: ActionsGiven, templates: Templates, due: Due): Promise<Outcome> {
  const { directory, devices, wording, portalUrl } = given
  const { spell, step, policy, findings } = due
  const device: Device | undefined = await devices.find(due.device)
  const everybody = await directory.everybody()
  const user = everybody.users.find(({ id }) => id === device?.owner)
  if (!device || !user) return { state: 'failed', code: 'noOwner' }
  const template = await templates.named(step.action.notificationTemplateId)
  const matter = {
    user,
    device,
    policyName: policy.policy.name,
    findings,
    since: spell.since,
    blockedFrom: spell.since + policy.policy.gracePeriodHours * hour,
  }
  const about = { matter, brand: await templates.brand(), portalUrl: portalUrl() }
  const letterFor = ({ preferredLanguage }: User) =>
    template && composeLetter(template, about, wording, preferredLanguage)
  const own = letterFor(user)
  if (!own) return { state: 'failed', code: 'noTemplate' }
  const extra = extraRecipients(everybody, step.action.notificationMessageCCList ?? [])
  // To each address once, and in the language of whoever comes first.
  const readers = new Map<string, User>()
  for (const reader of [user, ...extra.users]) {
    const address = reader.mail.toLowerCase()
    if (address && !readers.has(address)) readers.set(address, reader)
  }
  const letters = [...readers.values()]
    .slice(0, limits.actionRecipients.value)
    .map((reader) => ({ ...(letterFor(reader) ?? own), to: reader.mail }))
  if (!user.mail) return { state: 'failed', code: 'noAddress', letters }
  if (readers.size > letters.length) return { state: 'done', code: 'tooMany', letters }
  return { state: 'done', ...(extra.missing && { code: 'noGroup' }), letters }
}

/** Members of these groups, by id or name, nested ones included. */
function extraRecipients(
  everybody: Everybody,
  wanted: NonNullable<CompliancePolicy['actions']>[number]['notificationMessageCCList'] & object,
): { readonly users: readonly User[]; readonly missing: boolean } {
  if (wanted.length === 0) return { users: [], missing: false }
  const asked = wanted.map((key) =>
    everybody.groups.find(({ id, name }) => id === key || name.toLowerCase() === key.toLowerCase()),
  )
  const known = new Set(asked.flatMap((group) => (group ? [group.id] : [])))
  const groups = transitiveGroups(everybody)
  return {
    users: everybody.users.filter(
      ({ id, enabled }) => enabled && [...(groups.get(id) ?? [])].some((group) => known.has(group)),
    ),
    missing: asked.includes(undefined),
  }
}

async function claim(
  given: ActionsGiven,
  { device, spell, step, policy }: Due,
  { state, code, letters = [] }: Outcome,
  policies: readonly KeptPolicy[],
): Promise<void> {
  const { store, clock, post } = given
  await store.transact(async (tx) => {
    const spells = await readSpells(tx, device)
    const now = clock.now()
    const row: FiringRow = {
      id: newId('act', now),
      spell: spell.id,
      step: step.key,
      device,
      policy: policy.id,
      policyName: policy.policy.name,
      type: step.type,
      dueAt: dueAt(spell.since, step),
      firedAt: now,
      state,
      code: code ?? null,
      actor: null,
      changedAt: now,
    }
    // It ended, or another node took the step, since it was looked at.
    if (!spells.some(({ id }) => id === spell.id) || !(await addFiring(tx, row))) return
    for (const letter of letters) await post(tx, { ...letter, about: spell.id })
    if (state === 'sending') await store.alarms.set(tx, carryAlarm, row.id, now)
    const steps = new Map([...actingPolicies(policies).values()].map((one) => [one.id, one.steps]))
    await store.alarms.set(tx, dueAlarm, device, nextDue(await readSpells(tx, device), steps))
    await tellChange(given, tx, row)
  })
}
