import type { Device } from '../devices/devices.ts'
import { isAssigned } from './assignment.ts'
import type { SavedVerdict } from './compliance.ts'
import type { MembershipsOf } from './memberships.ts'
import type { CompliancePolicy, KeptPolicy } from './policy.ts'
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

/** A policy with all that it is deployed to. */
export interface Deployment {
  readonly kept: KeptPolicy
  readonly devices: readonly DeployedDevice[]
}

/** Every device that the policy is deployed to, with its state: each in exactly one. */
export function deploymentOf(
  policy: CompliancePolicy,
  devices: readonly Device[],
  membershipsOf: MembershipsOf,
  verdicts: ReadonlyMap<Device['id'], SavedVerdict>,
): readonly DeployedDevice[] {
  return devices.flatMap((device) => {
    if (device.retiredAt !== undefined || !isAssigned(policy, membershipsOf(device))) return []
    const result = verdicts.get(device.id)?.policies.find((one) => one.policy === policy.name)
    return [{ device, state: stateOf(device, result), findings: result?.findings ?? [] }]
  })
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
