import type { Consequence } from '../access/lockout.ts'
import type { Directory } from '../directory/directory.ts'
import { limits } from '../base/limits.ts'
import type { ConsequenceBody, TriedClient } from './draft-contract.ts'
import type { SayReason } from './rows.ts'

type Difference = Consequence['replay']['newlyBlocked'][number]

/** What a draft would do, with names; the lists stop at a page, the counts do not. */
export async function consequenceBody(
  { replay, dangers, confirm }: Consequence,
  { directory, sayReason }: { directory: Directory; sayReason: SayReason },
): Promise<ConsequenceBody> {
  const { users } = await directory.everybody()
  const named = new Map(users.map((user) => [user.id, user]))
  const page = (some: readonly Difference[]): TriedClient[] =>
    some.slice(0, limits.collectionPage.value).map((one) => {
      const user = named.get(one.user)
      const [reason] = one.after.reasons
      return {
        id: one.partnership,
        userPrincipalName: user?.name ?? one.user,
        userDisplayName: user?.displayName ?? '',
        easDeviceId: one.deviceId,
        ipAddress: one.address ?? null,
        before: one.before.outcome,
        after: one.after.outcome,
        reason: reason?.code ?? one.after.stateReason,
        title: sayReason(reason?.code ?? one.after.stateReason).title,
        policy: reason?.policy ?? null,
        findings: one.findings.map(({ rule, policy, measured, required }) => ({
          setting: rule,
          title: sayReason(rule).title,
          policy,
          measured,
          required,
        })),
        graceEndDateTime:
          one.graceUntil === undefined ? null : new Date(one.graceUntil).toISOString(),
      }
    })
  return {
    clients: replay.clients,
    attempts: replay.attempts,
    letIn: replay.letIn,
    newlyBlockedCount: replay.newlyBlocked.length,
    newlyBlocked: page(replay.newlyBlocked),
    newlyAllowedCount: replay.newlyAllowed.length,
    newlyAllowed: page(replay.newlyAllowed),
    newlyInGraceCount: replay.newlyInGrace.length,
    newlyInGrace: page(replay.newlyInGrace),
    dangers,
    confirm: confirm ?? null,
  }
}
