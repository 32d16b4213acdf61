import type { Device } from '../devices/devices.ts'
import type { SavedVerdict } from './compliance.ts'
import type { CompliancePolicy } from './policy.ts'
import type { Finding, PolicyResult } from './verdict.ts'

/**
 * How a policy stands on a device that it is deployed to. `inProgress`: it has not been judged by it yet; `unknown`: the
 * device never reported; `remediated`: compliant, as management set what was not; grace counts as noncompliant.
 */
export type DeploymentState =
  | 'compliant'
  | 'remediated'
  | 'noncompliant'
  | 'error'
  | 'unknown'
  | 'inProgress'
  | 'notApplicable'

/** One device that a policy is deployed to. */
export interface DeployedDevice {
  readonly device: Device
  readonly state: DeploymentState
  readonly findings: readonly Finding[]
}

/** How a device stands that the policy is deployed to: in exactly one state. */
export function deployedDevice(
  policy: CompliancePolicy,
  device: Device,
  verdict: SavedVerdict | undefined,
): DeployedDevice {
  const result = verdict?.policies.find((one) => one.policy === policy.name)
  return { device, state: stateOf(device, result), findings: result?.findings ?? [] }
}

function stateOf({ lastReportAt }: Device, result: PolicyResult | undefined): DeploymentState {
  if (lastReportAt === undefined) return 'unknown'
  switch (result?.state) {
    case undefined:
      return 'inProgress'
    case 'compliant':
      return (result?.remediated ?? []).length > 0 ? 'remediated' : 'compliant'
    case 'inGracePeriod':
    case 'noncompliant':
      return 'noncompliant'
    case 'conflict':
      return 'error'
    default:
      return result?.state ?? 'unknown'
  }
}
