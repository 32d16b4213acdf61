import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { KeptPolicy, PolicyDraft, PolicyId } from './policy.ts'

/**
 * The set that is kept when these drafts take the place of what was: ids and birthdays stay, versions count. Throws
 * `policy.invalid` where two drafts are for one policy, or one for a policy that is gone.
 */
export function renew(
  before: readonly KeptPolicy[],
  drafts: readonly PolicyDraft[],
  now: Instant,
  freshId: () => PolicyId,
): readonly KeptPolicy[] {
  const byId = new Map(before.map((kept) => [kept.id, kept]))
  const byName = new Map(before.map((kept) => [fold(kept.policy.name), kept]))
  const taken = new Set(drafts.flatMap(({ id }) => (id === undefined ? [] : [id])))
  if (taken.size < drafts.filter(({ id }) => id !== undefined).length)
    throw new Failure('policy.invalid', 'two compliance policies have one id')
  return drafts.map(({ id, policy }) => {
    const namesake = byName.get(fold(policy.name))
    const old = id === undefined ? namesake : byId.get(id)
    if (id !== undefined && !old)
      throw new Failure('policy.invalid', `no compliance policy has the id ${id}`)
    // Another draft goes on as that one, under a new name.
    const own = id === undefined && old && taken.has(old.id) ? undefined : old
    if (!own) return { id: freshId(), policy, createdAt: now, modifiedAt: now, version: 1 }
    if (JSON.stringify(own.policy) === JSON.stringify(policy)) return own
    return { ...own, policy, modifiedAt: now, version: own.version + 1 }
  })
}

const fold = (name: string): string => name.toLowerCase()
