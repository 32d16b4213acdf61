import { z } from 'zod'
import { text } from './contract.ts'
import type { ConsequenceBody } from './draft-contract.ts'

// What the API says and takes of rollouts: groups that grow day by day.

/** A wave that was made. */
export interface WaveRow {
  readonly number: number
  readonly madeDateTime: string
  readonly actor: string
  readonly userCount: number
  /** Of these: refused while they were observed. */
  readonly refusedCount: number
}

/** A wave to come, as things are now. */
export interface ForeseenWave {
  readonly number: number
  readonly dateTime: string
  readonly userCount: number
  readonly refusedCount: number
}

/** Why a rollout does not go on by itself: a code, and the same in words. */
export interface PauseBody {
  readonly code: string
  readonly title: string
  /** What `next` or `resume` is to be confirmed with. */
  readonly confirm: string | null
}

/** A group that grows. Groups by name. */
export interface RolloutRow {
  readonly id: string
  readonly target: string
  /** `null`: out of everybody. */
  readonly pool: string | null
  readonly sizes: readonly (number | string)[]
  readonly startTime: string
  readonly timeZone: string
  readonly weekdaysOnly: boolean
  readonly observationHours: number
  readonly pauseAbovePercent: number
  readonly state: string
  readonly pause: PauseBody | null
  readonly nextWaveDateTime: string | null
  readonly movedCount: number
  readonly refusedCount: number
  readonly waves: readonly WaveRow[]
  readonly createdBy: string
  readonly createdDateTime: string
}

/** A rollout with what is to come of it, as things are now; lists stop at a page, counts do not. */
export interface RolloutDetail extends RolloutRow {
  /** What speaks of the target: policies by name, `enforcement`, `exchangeOnline`. */
  readonly usedBy: readonly string[]
  readonly remainingCount: number
  /** Of those who are not moved yet: some client would lose mail. */
  readonly remainingRefusedCount: number
  readonly next: {
    readonly userCount: number
    readonly users: readonly { readonly userPrincipalName: string; readonly refused: boolean }[]
    /** Who of them would be refused, and why. */
    readonly consequence: ConsequenceBody
  }
  readonly foreseenCount: number
  readonly foreseen: readonly ForeseenWave[]
  readonly finishDateTime: string | null
  /** Whom it has moved, and who were refused since. */
  readonly members: readonly {
    readonly userPrincipalName: string
    readonly wave: number
    readonly refusedDateTime: string | null
  }[]
}

const size = z.union([
  z.number().int().min(1).max(1_000_000),
  z.literal('rest'),
  z.templateLiteral([z.number().int().min(1).max(100), '%']),
])

/** What an administrator starts. Groups by name. */
export const rolloutBody = z.strictObject({
  target: text(256),
  pool: text(256).nullable().default(null),
  sizes: z.array(size).min(1).max(100),
  startTime: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  timeZone: text(64).default('UTC'),
  weekdaysOnly: z.boolean().default(false),
  observationHours: z.number().min(1).max(2160).default(24),
  pauseAbovePercent: z.number().min(0).max(100).default(10),
})

export type RolloutBody = z.input<typeof rolloutBody>
