import type { Everybody } from '../directory/directory.ts'
import { changesBetween } from '../history/difference.ts'
import type { EntryDraft } from '../history/entry.ts'
import type { HistoryWriter } from '../history/history.ts'
import type { Store, Tx } from '../store/store.ts'
import { readRollout, saveRollout } from './records.ts'
import type { Rollout, RolloutNews } from './kept.ts'

/** Rings when the next wave of a rollout is. */
export const waveAlarm = 'rollout.wave'

/** What becomes of a rollout, who has it so, and what the groups are called. */
interface Kept {
  readonly rollout: Rollout
  readonly news: Omit<RolloutNews, 'rollout' | 'target'>
  readonly groups: Everybody['groups']
}

/** Writes a rollout with its alarm, its news and its entry in the history. It rings while it runs, and never otherwise. */
export async function keep(
  { store, history }: { readonly store: Store; readonly history: HistoryWriter },
  tx: Tx,
  kept: Kept,
): Promise<void> {
  const { rollout, news } = kept
  const { id, target, state, nextAt, revision } = rollout
  const before = await readRollout(tx, id)
  await saveRollout(tx, { ...rollout, revision: revision + 1 })
  await store.alarms.set(tx, waveAlarm, id, state === 'running' ? nextAt : undefined)
  await store.journal.append(tx, 'rollout.changed', { rollout: id, target, ...news })
  await history.append(tx, news.actor, entriesOf(before, kept))
}

/** When the next wave is follows from the rest, and is no change of it. */
function entriesOf(
  before: Rollout | undefined,
  { rollout, news, groups }: Kept,
): readonly EntryDraft[] {
  const { id, target } = rollout
  const name = groups.find((group) => group.id === target)?.name ?? target
  const [said] = changesBetween('rollout', before ? [before] : [], [rollout], (one) => {
    const {
      id: _id,
      actor: _actor,
      createdAt: _made,
      nextAt: _next,
      revision: _count,
      ...value
    } = one
    return { id: one.id, name, value }
  })
  const { what, wave: number, users } = news
  const side = what === 'back' ? 'before' : 'after'
  const wave = number === undefined ? [] : [{ path: '$.waves[*]', [side]: [{ number, users }] }]
  const difference = [...(said?.difference ?? []), ...wave]
  if (difference.length === 0) return []
  return [{ kind: 'rollout', id, name, change: said?.change ?? 'changed', difference }]
}
