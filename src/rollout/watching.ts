import type { Instant } from '../base/clock.ts'
import type { UserId } from '../directory/directory.ts'
import { isTooMany, watchOf } from './plan.ts'
import { noteRefused, readMembers, readRollout, readUnrefused } from './records.ts'
import type { RolloutsGiven } from './rollout.ts'
import { pauseFor } from './waving.ts'

/** Notes that a user whom rollouts moved was refused; pauses those in which that is one too many. */
export async function noteRefusal(given: RolloutsGiven, user: UserId, at: Instant): Promise<void> {
  const { store } = given
  const ids = await readUnrefused(store.db, user)
  if (ids.length === 0) return
  const recipients = (await given.access.policies()).organization.adminMailRecipients
  const { groups } = await given.directory.everybody()
  await store.transact(async (tx) => {
    for (const id of ids) {
      const rollout = await readRollout(tx, id)
      if (!rollout) continue
      const { observeMs, mostPercent } = rollout
      if (!(await noteRefused(tx, { rollout: id, user, at, since: at - observeMs }))) continue
      const watched = watchOf(await readMembers(tx, id), at, observeMs)
      const { state, pause } = rollout
      // Those of the last wave are observed as all others are.
      const isHeard = state === 'running' || (state === 'done' && pause === undefined)
      if (isHeard && isTooMany(watched, mostPercent))
        await pauseFor(given, tx, {
          rollout,
          pause: { code: 'refusals', ...watched },
          recipients,
          groups,
        })
    }
  })
}
