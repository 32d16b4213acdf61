import type { Instant } from '../base/clock.ts'
import type { Id } from '../base/id.ts'
import type { GroupId } from '../directory/directory.ts'
import type { Calendar } from './calendar.ts'
import type { WaveSize } from './plan.ts'

/** `rol_…` */
export type RolloutId = Id<'rol'>

/** Why a rollout does not go on by itself; of one that is done, what went wrong since. */
export type Pause =
  | { readonly code: 'person' | 'back'; readonly actor: string }
  | { readonly code: 'refusals'; readonly refused: number; readonly observed: number }
  /** Users by their sign-in names; `confirm` is what `act` goes on with. */
  | { readonly code: 'lockout'; readonly detail: string; readonly confirm: string }

/** What an administrator asks for. */
export interface RolloutDraft {
  readonly target: GroupId
  /** Out of whom the target grows. */
  readonly pool: 'all' | GroupId
  /** How many each day; the last one holds for all that follow. */
  readonly sizes: readonly WaveSize[]
  readonly calendar: Calendar
  /** How long those who were moved are observed. */
  readonly observeMs: number
  /** Of the observed: more than these that are refused pause it. 100 never does. */
  readonly mostPercent: number
}

/** One group that grows day by day. */
export interface Rollout extends RolloutDraft {
  readonly id: RolloutId
  readonly actor: string
  readonly createdAt: Instant
  readonly state: 'running' | 'paused' | 'done' | 'stopped'
  readonly pause?: Pause
  /** When the next wave is, while it runs. */
  readonly nextAt?: Instant
  /** A lockout that somebody has confirmed for the next wave. */
  readonly confirmed?: string
  /** Counts its changes. */
  readonly revision: number
}

/** What `rollout.changed` says. */
export interface RolloutNews {
  readonly rollout: RolloutId
  readonly target: GroupId
  readonly actor: string
  readonly what:
    | 'started'
    | 'wave'
    | 'paused'
    | 'resumed'
    | 'postponed'
    | 'back'
    | 'stopped'
    | 'done'
    /** Too many, after the last wave. */
    | 'refused'
  readonly wave?: number
  /** How many were moved, or taken back. */
  readonly users?: number
  /** Of a pause, or of what was refused. */
  readonly code?: Pause['code']
}
