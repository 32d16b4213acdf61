import type { RolloutRow } from '../../src/graph/rollout-contract.ts'
import type { Tone } from './words.ts'

const states: Readonly<Record<string, readonly [word: string, tone: Tone]>> = {
  running: ['Running', 'good'],
  paused: ['Paused', 'warn'],
  done: ['Done', ''],
  stopped: ['Stopped', ''],
}

/** How a rollout stands, in a word. */
export const rolloutState = ({ state }: Pick<RolloutRow, 'state'>): readonly [string, Tone] =>
  states[state] ?? [state, '']
