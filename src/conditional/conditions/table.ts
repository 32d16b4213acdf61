import { applications } from './applications.ts'
import { authenticationFlows } from './authentication-flows.ts'
import { clientAppTypes } from './client-app-types.ts'
import type { Condition } from './condition.ts'
import { devices } from './devices.ts'
import { locations } from './locations.ts'
import { others } from './others.ts'
import { platforms } from './platforms.ts'
import { insiderRisk, signInRisk, userRisk, workloadRisk } from './risks.ts'
import { users } from './users.ts'
import { workloads } from './workloads.ts'

/** Every condition, in the order in which What If looks for the first that is not met. */
export const conditions: readonly Condition[] = [
  users,
  workloads,
  applications,
  platforms,
  devices,
  clientAppTypes,
  locations,
  signInRisk,
  userRisk,
  workloadRisk,
  insiderRisk,
  authenticationFlows,
  others,
]
