import { type Instant, day, hour, minute } from '../../base/clock.ts'
import type { ConditionalAccessPolicy, SignInFrequency } from '../policy.ts'

/** For "every time", how long ago still counts as now: a browser signs in to several things in a row. */
const everyTimeSkew = 5 * minute

/** Session controls that a policy sets, by Graph's names. */
export function sessionControlsOf({ sessionControls }: ConditionalAccessPolicy): readonly string[] {
  if (!sessionControls) return []
  const on = Object.entries(sessionControls).filter(([, value]) => isOn(value))
  return on.map(([name]) => name)
}

const isOn = (value: unknown): boolean =>
  value === true ||
  (typeof value === 'object' &&
    value !== null &&
    (!('isEnabled' in value) || value.isEnabled === true))

/** How long ago the user may have proved who they are; `undefined` where the policy does not say. */
export function frequencyOf({ sessionControls }: ConditionalAccessPolicy): number | undefined {
  const frequency = sessionControls?.signInFrequency
  return frequency?.isEnabled ? lengthOf(frequency) : undefined
}

function lengthOf({ frequencyInterval, value, type }: SignInFrequency): number | undefined {
  if (frequencyInterval === 'everyTime') return everyTimeSkew
  return value ? value * (type === 'days' ? day : hour) : undefined
}

/** Until when the last proof is fresh enough; `undefined` where nobody asks. A user who never proved it must now. */
export function freshUntil(length: number, authenticatedAt: Instant | undefined): Instant {
  return authenticatedAt === undefined ? 0 : authenticatedAt + length
}
