import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { DeviceId } from '../devices/devices.ts'
import type { Tx } from '../store/store.ts'
import type { ActionsGiven, ActionState } from './actions.ts'
import type { FiringRow } from './migrations.ts'
import { changeFiring, findFiring } from './records.ts'
import { standingOf } from './schedule.ts'
import { judgeNow } from './spells.ts'

/** Rings when something that was fired is to be carried out, outside of our store. */
export const carryAlarm = 'actions.carry'

/** Carries out what was fired, and hears what people say to it. */
export interface Carrying {
  confirm(id: string, actor: string): Promise<FiringRow>
  dismiss(id: string, actor: string): Promise<FiringRow>
}

type Given = Pick<
  ActionsGiven,
  'store' | 'clock' | 'log' | 'devices' | 'directory' | 'compliance' | 'push'
>

type Change = Parameters<typeof changeFiring>[3] & { readonly state: ActionState }

/**
 * A decision of a person is a row before it is a deed: an alarm set in the same transaction does the deed, again after a
 * crash, and retiring twice is as good as once.
 */
export function createCarrying(given: Given): Carrying {
  const { store, clock } = given

  /** Changes a firing that waits for a person, with its news. */
  async function decide(
    id: string,
    actor: string,
    change: (row: FiringRow) => Omit<Change, 'changedAt'>,
  ) {
    return await store.transact(async (tx) => {
      const row = await waiting(tx, id)
      const next = { ...change(row), actor, changedAt: clock.now() }
      await changeFiring(tx, id, row.state, next)
      await tellChange(given, tx, { ...row, ...next })
      if (next.state === 'confirmed') await store.alarms.set(tx, carryAlarm, id, clock.now())
      return { ...row, ...next }
    })
  }

  store.alarms.on(carryAlarm, (id) => carry(given, id))

  return {
    async confirm(id, actor) {
      const row = await waiting(store.db, id)
      if (!(await stillFails(given, row)))
        throw new Failure('action.settled', 'the device meets the policy by now')
      const after = await decide(id, actor, ({ type, state }) => {
        if (state !== 'confirmation')
          throw new Failure(
            'action.settled',
            `nothing here can carry out ${type}; it waits for a channel`,
          )
        // Only a channel of device management, or a remote wipe over EAS, could do it; there is none yet.
        return type === 'retire' ? { state: 'confirmed' } : { state: 'pending', code: 'noChannel' }
      })
      if (after.state === 'confirmed') await carry(given, id)
      return (await findFiring(store.db, id)) ?? after
    },
    dismiss: (id, actor) => decide(id, actor, () => ({ state: 'dismissed', code: null })),
  }
}

async function waiting(db: Parameters<typeof findFiring>[0], id: string): Promise<FiringRow> {
  const row = await findFiring(db, id)
  if (!row) throw new Failure('not.found', `no action ${id}`)
  if (row.state !== 'confirmation' && row.state !== 'pending')
    throw new Failure('action.settled', `the action is ${row.state}`)
  return row
}

/** Judged now: a person may answer before the news of health was heard. */
async function stillFails(given: Given, row: FiringRow): Promise<boolean> {
  const kept = (await given.compliance.kept()).find(({ id }) => id === row.policy)
  const judged = await judgeNow(given, row.device as DeviceId) // written from one
  const result = judged?.policies.find(({ policy }) => policy === kept?.policy.name)
  return judged !== undefined && standingOf(result?.state, judged.state) !== 'healthy'
}

async function carry(given: Given, id: string): Promise<void> {
  const row = await findFiring(given.store.db, id)
  if (row?.state === 'confirmed') {
    await settle(given, row, await retire(given, row))
  } else if (row?.state === 'sending') {
    await settle(given, row, await push(given, row))
  }
}

async function retire({ devices }: Given, row: FiringRow): Promise<Omit<Change, 'changedAt'>> {
  try {
    await devices.retire(row.device as DeviceId) // written from one
    return { state: 'done' }
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'not.found')
      return { state: 'failed', code: 'noDevice' }
    throw thrown
  }
}

async function push(given: Given, row: FiringRow): Promise<Omit<Change, 'changedAt'>> {
  const { devices, directory, clock } = given
  const device = await devices.find(row.device as DeviceId) // written from one
  const user = device && (await directory.user(device.owner))
  if (!given.push) return { state: 'failed', code: 'pushNotConfigured' }
  if (!user) return { state: 'failed', code: 'noOwner' }
  const message = {
    id: row.id,
    user: user.name,
    device: device.name,
    title: `${device.name} needs your attention`,
    message: `It does not meet ${JSON.stringify(row.policyName)}. The portal says what to do.`,
  }
  try {
    const outcome = await given.push.send(message)
    return outcome === 'sent' ? { state: 'done' } : { state: 'failed', code: 'pushRefused' }
  } catch (thrown) {
    // Thrown on, the alarm rings again, later and later.
    if (clock.now() - row.firedAt < limits.noticeGiveUpMs.value) throw thrown
    return { state: 'failed', code: 'pushGivenUp' }
  }
}

async function settle(
  given: Given,
  row: FiringRow,
  change: Omit<Change, 'changedAt'>,
): Promise<void> {
  const next = { ...row, ...change, changedAt: given.clock.now() }
  await given.store.transact(async (tx) => {
    const { state, code, changedAt } = next
    if (await changeFiring(tx, row.id, row.state, { state, code, changedAt }))
      await tellChange(given, tx, next)
  })
}

/** Says in the journal, and where it failed in the log, how a firing stands. */
export async function tellChange(
  { store, log }: Pick<ActionsGiven, 'store' | 'log'>,
  tx: Tx,
  { id, device, policyName, type, state, code, actor }: FiringRow,
): Promise<void> {
  const news = { action: id, device, type, state, ...(code && { code }), ...(actor && { actor }) }
  await store.journal.append(tx, 'action.changed', news)
  if (state !== 'failed') return
  const failure = new Failure(
    'action.failed',
    `${type} of policy ${JSON.stringify(policyName)}: ${code}`,
  )
  log.error('action.failed', failure, { action: id, device })
}
