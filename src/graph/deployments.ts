import { ruleNamed } from '../compliance/catalogue.ts'
import type { SavedVerdict } from '../compliance/compliance.ts'
import type { DeployedDevice, DeploymentState } from '../compliance/deployment.ts'
import type { KeptPolicy } from '../compliance/policy.ts'
import type { Finding } from '../compliance/verdict.ts'
import type { Device } from '../devices/devices.ts'
import type { DeployedDeviceRow, DeploymentReason, DeploymentRow } from './collections-contract.ts'

/** What is said of a policy besides its numbers. */
export type Head = Pick<DeploymentRow, 'id' | 'displayName' | 'platform'>

export const headOf = ({ id, policy }: KeptPolicy): Head => ({
  id,
  displayName: policy.name,
  platform: policy.platform,
})

/** All policies at once: their names are told by the findings. */
export const overall: Head = { id: 'all', displayName: 'All policies', platform: 'all' }

/** Every enrolled device by its overall state. */
export function standOverall(
  devices: readonly Device[],
  verdicts: readonly SavedVerdict[],
): readonly DeployedDevice[] {
  const judged = new Map(verdicts.map((verdict) => [verdict.device, verdict]))
  return devices
    .filter(({ retiredAt }) => retiredAt === undefined)
    .map((device) => {
      const verdict = judged.get(device.id)
      return { device, state: stateOf(verdict), findings: verdict?.findings ?? [] }
    })
}

function stateOf(verdict: SavedVerdict | undefined): DeploymentState {
  switch (verdict?.state) {
    case undefined:
      return 'inProgress'
    case 'compliant': {
      const isForced = verdict?.policies.some(({ remediated = [] }) => remediated.length > 0)
      return isForced ? 'remediated' : 'compliant'
    }
    case 'inGracePeriod':
      return 'noncompliant'
    case 'conflict':
      return 'error'
    default:
      return verdict?.state ?? 'inProgress'
  }
}

/** A row that is still counted. */
type Counting = { -readonly [K in keyof DeploymentRow]: DeploymentRow[K] }

/** Each state with how many are in it. */
export function deploymentRow(head: Head, devices: Iterable<DeployedDevice>): DeploymentRow {
  const row = emptyRow(head)
  for (const one of devices) count(row, one)
  return row
}

/** Nobody yet. */
export const emptyRow = (head: Head): Counting => ({
  ...head,
  total: 0,
  compliant: 0,
  remediated: 0,
  noncompliant: 0,
  error: 0,
  unknown: 0,
  inProgress: 0,
  notApplicable: 0,
})

/** Counts one more device in its state. */
export function count(row: Counting, { state }: DeployedDevice): void {
  row.total += 1
  row[state] += 1
}

/** One device in the list of a state. `owners`: names by id. */
export function deployedRow(
  one: DeployedDevice,
  owners: ReadonlyMap<string, string>,
): DeployedDeviceRow {
  const { device, state, findings } = one
  const { id, name, owner, lastReportAt } = device
  const faults = reasonsOf(one).map(({ category }) => errors[category])
  return {
    id,
    deviceName: name,
    userPrincipalName: owners.get(owner) ?? '',
    state,
    errorCategory: together(faults.map(({ errorCategory }) => errorCategory)),
    errorId: together(faults.map(({ errorId }) => errorId)),
    lastReportDateTime: lastReportAt === undefined ? null : new Date(lastReportAt).toISOString(),
    findings: findings.map(({ rule, measured, required }) => ({ rule, measured, required })),
  }
}

/** Each once, in their order. */
const together = (words: readonly string[]): string =>
  [...new Set(words)].filter(Boolean).toSorted().join('; ')

/** Why a device is in its state; without a setting it is the state itself. */
interface Reason {
  readonly policy: string
  readonly setting: string
  readonly category: DeploymentReason['category']
  readonly required: string
}

function reasonsOf({ state, findings }: DeployedDevice): readonly Reason[] {
  // Who never reported fails everything for that one reason.
  const fails = state === 'noncompliant' || state === 'error'
  if (fails && findings.length > 0) return findings.map((finding) => reasonOf(finding, state))
  const category = state === 'unknown' ? 'silent' : ''
  return [{ policy: '', setting: '', category, required: '' }]
}

function reasonOf({ policy, rule, measured, required }: Finding, state: DeploymentState): Reason {
  const category =
    measured === 'notReported' || measured === 'notEvaluated'
      ? measured
      : state === 'error'
        ? 'implausible'
        : 'value'
  return { policy, setting: rule, category, required: String(required) }
}

/** What a reason is known by among those of its state. */
const idOf = ({ setting, category }: Reason, state: DeploymentState): string =>
  setting === '' ? state : `${setting}:${category}`

/** The devices that have this reason, in any state. */
export const withReason = (
  devices: readonly DeployedDevice[],
  id: string,
): readonly DeployedDevice[] =>
  devices.filter((one) => reasonsOf(one).some((reason) => idOf(reason, one.state) === id))

/** One reason of one state, with all that speaks of it. */
interface Group {
  readonly state: DeploymentState
  readonly reasons: Reason[]
  readonly devices: Set<string>
}

/** Why devices are in their states, what most have first. Each device has a reason in its state. */
export function deploymentReasons(
  { displayName }: Pick<Head, 'displayName'>,
  devices: readonly DeployedDevice[],
): readonly DeploymentReason[] {
  const groups = new Map<string, Group>()
  for (const one of devices)
    for (const reason of reasonsOf(one)) {
      const { state } = one
      const key = `${state} ${idOf(reason, state)}`
      const group = groups.get(key) ?? { state, reasons: [], devices: new Set() }
      group.reasons.push(reason)
      group.devices.add(one.device.id)
      groups.set(key, group)
    }
  return [...groups.values()]
    .flatMap((group) => reasonRow(displayName, group) ?? [])
    .toSorted((a, b) => b.deviceCount - a.deviceCount || (a.id < b.id ? -1 : 1))
}

/** Who looks for these numbers knows them: remediation failed, and an item that was not found. */
const errors: Readonly<
  Record<DeploymentReason['category'], Pick<DeploymentReason, 'errorCategory' | 'errorId'>>
> = {
  '': { errorCategory: '', errorId: '' },
  value: { errorCategory: 'Discovery', errorId: '0x87D1FDE8' },
  implausible: { errorCategory: 'Discovery', errorId: '' },
  notReported: { errorCategory: 'Discovery', errorId: '0x87D00215' },
  notEvaluated: { errorCategory: 'Infrastructural', errorId: '' },
  silent: { errorCategory: 'Infrastructural', errorId: '' },
}

/** Policies may demand different things by the same setting. */
function reasonRow(
  displayName: string,
  { state, reasons, devices }: Group,
): DeploymentReason | undefined {
  const [first] = reasons
  if (!first) return undefined
  const { setting, category } = first
  const isSetting = setting !== ''
  const policies = new Set(reasons.map(({ policy }) => policy).filter((name) => name !== ''))
  const demands = [...new Set(reasons.map(({ required }) => required))]
  return {
    id: idOf(first, state),
    state,
    policyName: isSetting ? [...policies].toSorted().join(', ') : displayName,
    name: isSetting ? (ruleNamed(setting)?.title ?? setting) : displayName,
    type: isSetting ? 'setting' : 'policy',
    category,
    ...errors[category],
    code: isSetting ? setting : state,
    required: demands.length === 1 ? (demands[0] ?? '') : '',
    deviceCount: devices.size,
  }
}
