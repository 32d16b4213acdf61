import type { Instant } from '../base/clock.ts'
import { isHealthyState } from '../compliance/verdict.ts'
import type { Reason } from './decision.ts'
import type { Circumstances } from './request.ts'

type Device = NonNullable<Circumstances['device']>

/** Grace ends by itself, at its moment, whether or not somebody has judged the device again by then. */
export function isHealthy(device: Device | undefined, now: Instant): boolean {
  if (device?.compliance === 'inGracePeriod')
    return device.graceUntil !== undefined && now < device.graceUntil
  return device !== undefined && isHealthyState(device.compliance)
}

/** When its health ends by itself. */
export function healthyUntil(device: Device | undefined): Instant | undefined {
  return device?.compliance === 'inGracePeriod' ? device.graceUntil : undefined
}

/** What stands between this client and a healthy device, the first of it. */
export function whatIsMissing(device: Device | undefined): string | undefined {
  if (!device) return 'no device'
  if (!device.registered) return 'not registered'
  return device.managed ? undefined : 'not managed'
}

/** Why the device is not healthy, as reasons: its state, then its findings. */
export function illnessOf(device: Device | undefined, policy: string): readonly Reason[] {
  return [
    { code: 'notCompliant', policy, measured: device?.compliance ?? 'unknown' },
    ...(device?.findings ?? []).map(
      ({ rule, measured, required }): Reason => ({
        code: rule,
        ...plain('measured', measured),
        ...plain('required', required),
      }),
    ),
  ]
}

function plain<K extends 'measured' | 'required'>(
  key: K,
  value: unknown,
): { readonly [P in K]?: string | number | boolean } {
  const isPlain =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isPlain ? ({ [key]: value } as { readonly [P in K]: typeof value }) : {} // its one key is K
}
