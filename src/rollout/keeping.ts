import type { Store, Tx } from '../store/store.ts'
import { saveRollout } from './records.ts'
import type { Rollout, RolloutNews } from './kept.ts'

/** Rings when the next wave of a rollout is. */
export const waveAlarm = 'rollout.wave'

/** Writes a rollout with its alarm and its news. It rings while it runs, and never otherwise. */
export async function keep(
  store: Store,
  tx: Tx,
  rollout: Rollout,
  news: Omit<RolloutNews, 'rollout' | 'target'>,
): Promise<void> {
  const { id, target, state, nextAt, revision } = rollout
  await saveRollout(tx, { ...rollout, revision: revision + 1 })
  await store.alarms.set(tx, waveAlarm, id, state === 'running' ? nextAt : undefined)
  await store.journal.append(tx, 'rollout.changed', { rollout: id, target, ...news })
}
