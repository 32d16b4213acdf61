import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { isZone } from './calendar.ts'
import type { RolloutDraft } from './kept.ts'
import type { WaveSize } from './plan.ts'

/** Throws `rollout.invalid`. */
export function checkDraft({
  target,
  pool,
  sizes,
  calendar,
  observeMs,
  mostPercent,
}: RolloutDraft): void {
  const { minuteOfDay, zone } = calendar
  const isSize = (size: WaveSize) =>
    size === 'rest' ||
    (typeof size === 'number'
      ? Number.isInteger(size) && size >= 1
      : /^\d{1,3}%$/.test(size) &&
        Number.parseInt(size, 10) >= 1 &&
        Number.parseInt(size, 10) <= 100)
  if (pool === target) refuse('a group cannot grow out of itself')
  if (sizes.length === 0 || sizes.length > limits.rolloutSizes.value)
    refuse(`waves: from 1 to ${limits.rolloutSizes.value} sizes`)
  const wrong = sizes.find((size) => !isSize(size))
  if (wrong !== undefined)
    refuse(`waves: ${wrong} is no number of users, no percentage and not rest`)
  if (!isZone(zone)) refuse(`zone: ${JSON.stringify(zone)} is not known here`)
  if (!(Number.isInteger(minuteOfDay) && minuteOfDay >= 0 && minuteOfDay < 1440))
    refuse('the hour is from 00:00 to 23:59')
  if (!(observeMs > 0 && observeMs <= limits.rolloutObserveMs.value))
    refuse('the time of observation is too short or too long')
  if (!(mostPercent >= 0 && mostPercent <= 100)) refuse('a share is from 0 to 100 percent')
}

/** Throws `rollout.invalid`. */
export function refuse(detail: string): never {
  throw new Failure('rollout.invalid', detail)
}
