import type { Instant } from '../base/clock.ts'
import type { Device } from '../devices/devices.ts'
import type { Store, Tx } from '../store/store.ts'
import type { ComplianceNews, SavedVerdict } from './compliance.ts'
import type { Judgement } from './judge.ts'
import type { CompliancePolicy } from './policy.ts'
import { countedState } from './verdict.ts'
import { deleteVerdicts, type Judged, saveVerdicts } from './records.ts'

/** Rings when a verdict could differ by time alone. */
export const recheckAlarm = 'compliance.recheck'

/** A device that was judged. */
interface Outcome {
  readonly device: Device
  /** The verdict before. */
  readonly saved: SavedVerdict | undefined
  readonly judgement: Judgement
  readonly policies: readonly CompliancePolicy[]
  readonly now: Instant
  /** Save the moment even where nothing differs. */
  readonly touch: boolean
}

/** What one transaction keeps of its judgements, in as few statements as there can be. */
export interface Keeping {
  /** Keeps the judgement where it differs from the saved one, and tells of it; resolves to the verdict that holds now. */
  keep(outcome: Outcome): Promise<SavedVerdict>
  /** Forgets the verdict on a device that is gone. */
  drop(saved: SavedVerdict): Promise<void>
  /** Writes all of it. Last of all. */
  write(): Promise<void>
}

/** Keeping verdicts in this transaction. */
export function createKeeping({ alarms, journal }: Store, tx: Tx): Keeping {
  const judged: Judged[] = []
  const gone: SavedVerdict['device'][] = []

  const tell = async (outcome: Outcome, verdict: SavedVerdict) => {
    const { device, saved, judgement } = outcome
    const { recheckAt } = judgement
    if (!saved || newsOf(saved) !== newsOf(judgement)) {
      const was = saved && { was: countedState(saved) }
      const news: ComplianceNews = {
        device: device.id,
        state: countedState(judgement),
        ...was,
        verdict,
      }
      await journal.append(tx, 'compliance.changed', news)
    } else if (saved.recheckAt !== recheckAt) {
      await journal.append(tx, 'compliance.recheck', { device: device.id, recheckAt })
    }
    const policies = newlySevere(outcome)
    if (policies.length > 0)
      await journal.append(tx, 'compliance.event', { device: device.id, policies })
  }

  return {
    async keep(outcome) {
      const { device, saved, judgement, now, touch } = outcome
      const isDue = touch || needsAlarm(saved, judgement, now)
      if (saved && !isDue && detailsOf(saved) === detailsOf(judgement)) return saved
      const { id, owner } = device
      // No two verdicts on a device are of one moment, so that its moment says which one it is.
      const judgedAt = Math.max(now, (saved?.judgedAt ?? -1) + 1)
      judged.push({ device: id, owner, judgement, judgedAt })
      if (isDue || judgement.recheckAt !== saved?.recheckAt)
        await alarms.set(tx, recheckAlarm, id, judgement.recheckAt)
      const verdict: SavedVerdict = { ...judgement, device: id, judgedAt }
      await tell(outcome, verdict)
      return verdict
    },
    async drop(saved) {
      const { device } = saved
      gone.push(device)
      await alarms.set(tx, recheckAlarm, device, undefined)
      const news: ComplianceNews = { device, state: 'unknown', was: countedState(saved) }
      await journal.append(tx, 'compliance.changed', news)
    },
    async write() {
      await saveVerdicts(tx, judged)
      await deleteVerdicts(tx, gone)
    },
  }
}

/** Policies that are not met since now and whose administrator wants an event of that. */
function newlySevere({ judgement, saved, policies }: Outcome): readonly string[] {
  return policies
    .filter(({ severity }) => severity === 'criticalWithEvent')
    .map(({ name }) => name)
    .filter((name) => fails(judgement, name) && !fails(saved, name))
}

function fails(judgement: Judgement | undefined, name: string): boolean {
  return (judgement?.policies ?? []).some(
    ({ policy, state }) => policy === name && state === 'noncompliant',
  )
}

// An alarm that rings too early only asks again; moving it with every report would cost a write each.
function needsAlarm(
  saved: SavedVerdict | undefined,
  { recheckAt }: Judgement,
  now: Instant,
): boolean {
  const set = saved?.recheckAt
  return recheckAt !== undefined && (set === undefined || set <= now || recheckAt < set)
}

/** What others must hear of. */
export function newsOf({ state, heldState, findings, graceUntil }: Judgement): string {
  return JSON.stringify([state, heldState, findings, graceUntil])
}

/** All that is kept but its moments. */
function detailsOf(judgement: Judgement): string {
  const { policies, failingSince, erringSince, beforeError } = judgement
  return JSON.stringify([newsOf(judgement), policies, failingSince, erringSince, beforeError])
}
