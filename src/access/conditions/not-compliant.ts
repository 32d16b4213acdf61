import type { Reason } from '../decision.ts'
import type { Condition, Question } from './condition.ts'

/** The device does not meet the compliance policies, or is not known to; its findings are the reasons. */
export const notCompliant: Condition = {
  name: 'notCompliant',
  judge(question) {
    const { device } = question.circumstances
    if (isHealthy(question)) return undefined
    return {
      level: 'quarantine',
      stateReason: 'notCompliant',
      reasons: [
        {
          code: 'notCompliant',
          policy: 'exchangeOnline',
          measured: device?.compliance ?? 'unknown',
        },
        ...(device?.findings ?? []).map(
          ({ rule, measured, required }): Reason => ({
            code: rule,
            ...plain('measured', measured),
            ...plain('required', required),
          }),
        ),
      ],
    }
  },
  until({ circumstances: { device } }) {
    return device?.compliance === 'inGracePeriod' ? device.graceUntil : undefined
  },
  because: ({ circumstances: { device } }) => `the device is ${device?.compliance ?? 'unknown'}`,
}

/**
 * Grace ends by itself, at its moment, whether or not somebody has judged the device again by then. States that say
 * nothing (`unknown`, `error`, `conflict`) are no health.
 */
function isHealthy({ circumstances: { device }, now }: Question): boolean {
  if (device?.compliance === 'inGracePeriod')
    return device.graceUntil !== undefined && now < device.graceUntil
  return device?.compliance === 'compliant' || device?.compliance === 'notApplicable'
}

function plain<K extends 'measured' | 'required'>(
  key: K,
  value: unknown,
): { readonly [P in K]?: string | number | boolean } {
  const isPlain =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isPlain ? ({ [key]: value } as { readonly [P in K]: typeof value }) : {} // its one key is K
}
