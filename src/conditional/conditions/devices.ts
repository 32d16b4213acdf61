import { Failure } from '../../base/failures.ts'
import { always, and, atom, type Formula, never, not, or } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import { readDeviceFilter } from '../device-filter.ts'
import type { Conditions } from '../policy.ts'
import { type Condition, folded } from './condition.ts'

/** What the device is: a filter over its properties, or the device states that came before filters. */
export const devices: Condition = {
  name: 'devices',
  reason: 'devices',
  formula({ conditions }) {
    const asked = conditions.devices
    if (!asked) return always
    return and(
      filterOf(asked),
      statesOf(asked.includeDeviceStates, asked.excludeDeviceStates),
      statesOf(asked.includeDevices, asked.excludeDevices),
    )
  },
  unevaluated({ conditions }) {
    const rule = conditions.devices?.deviceFilter?.rule
    const fault = rule === undefined ? undefined : faultOf(rule)
    return fault === undefined ? [] : [`devices.deviceFilter: ${fault}`]
  },
  measured: ({ device }) =>
    device
      ? `registered, ${device.isCompliant ? 'compliant' : 'not compliant'}, ${device.trustType ?? 'no trust type'}`
      : 'not registered',
}

/** A rule that cannot be read matches whatever makes the policy apply. */
function filterOf({ deviceFilter }: NonNullable<Conditions['devices']>): Formula<Atom> {
  if (!deviceFilter || faultOf(deviceFilter.rule) !== undefined) return always
  const matching = readDeviceFilter(deviceFilter.rule)
  return deviceFilter.mode === 'include' ? matching : not(matching)
}

function faultOf(rule: string): string | undefined {
  try {
    readDeviceFilter(rule)
    return undefined
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.detail
    throw thrown
  }
}

function statesOf(
  included: readonly string[] | null | undefined,
  excluded: readonly string[] | null | undefined,
): Formula<Atom> {
  const out = not(or(...folded(excluded).map((state) => stateOf(state, never))))
  return included?.length
    ? and(or(...folded(included).map((state) => stateOf(state, always))), out)
    : out
}

function stateOf(state: string, unknown: Formula<Atom>): Formula<Atom> {
  if (state === 'all') return always
  if (state === 'compliant') return atom<Atom>({ kind: 'compliant' })
  return state === 'domainjoined' ? atom<Atom>({ kind: 'hybridJoined' }) : unknown
}
