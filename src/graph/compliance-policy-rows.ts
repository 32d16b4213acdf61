import type { SavedVerdict } from '../compliance/compliance.ts'
import { readGraphPolicy } from '../compliance/graph-json/read.ts'
import { reachOf } from '../compliance/graph-json/targets.ts'
import { writeGraphPolicy } from '../compliance/graph-json/write.ts'
import type { CompliancePolicy, KeptPolicy, TargetId } from '../compliance/policy.ts'
import type { ComplianceState, PolicyResult } from '../compliance/verdict.ts'
import type { ManagedDevice } from './contract.ts'

type Json = Readonly<Record<string, unknown>>

/** Navigation properties of Graph's `deviceCompliancePolicy` that can be expanded. */
export const expandable = ['assignments', 'scheduledActionsForRule'] as const

/** What the server says of a policy, and takes from nobody. */
const own = new Set(['id', 'createdDateTime', 'lastModifiedDateTime', 'version'])

/** Graph's `deviceCompliancePolicy`; one that has no type of Graph's tells its settings by their own names. */
export function policyRow(kept: KeptPolicy): Json & { readonly id: string } {
  const { id, policy, createdAt, modifiedAt, version } = kept
  const { '@odata.type': type, ...rest } = policy.type ? writeGraphPolicy(policy) : ownRow(policy)
  return {
    '@odata.type': type,
    id,
    createdDateTime: new Date(createdAt).toISOString(),
    lastModifiedDateTime: new Date(modifiedAt).toISOString(),
    version,
    description: null,
    ...Object.fromEntries(Object.entries(rest).filter(([name]) => !own.has(name))),
    assignments: assignmentsOf(kept),
    scheduledActionsForRule: actionsOf(kept),
  }
}

function ownRow({ name, description, platform, settings }: CompliancePolicy): Json {
  return {
    '@odata.type': '#microsoft.graph.deviceCompliancePolicy',
    displayName: name,
    ...(description !== undefined && { description }),
    platform,
    settings,
  }
}

/** Whom the policy is for, as Graph's `deviceCompliancePolicyAssignment`s. */
export function assignmentsOf({ id, policy }: KeptPolicy): readonly (Json & { id: string })[] {
  return targetsOf(policy).map((target, at) => ({ id: `${id}_${at}`, target }))
}

function targetsOf(policy: CompliancePolicy): readonly Json[] {
  const { targets = [], assignedTo, excluded } = policy
  if (targets.length > 0) {
    const written = writeGraphPolicy({
      ...policy,
      type: policy.type ?? 'iosCompliancePolicy',
      settings: {},
    })
    return listOf(written['assignments']).map(({ target }) => target as Json) // writeGraphPolicy writes each target as an object
  }
  const target = (type: string, id?: TargetId): Json => {
    const isCollection = type === 'group' && id?.startsWith('col_')
    return {
      '@odata.type': `#microsoft.graph.${isCollection ? 'configurationManagerCollection' : type}AssignmentTarget`,
      ...(id !== undefined && { [isCollection ? 'collectionId' : 'groupId']: id }),
    }
  }
  return [
    ...(assignedTo === 'all'
      ? [target('allDevices')]
      : assignedTo.map((id) => target('group', id))),
    ...excluded.map((id) => target('exclusionGroup', id)),
  ]
}

const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : []) // as written by us

/** What is done about those who do not meet it, as Graph's `deviceComplianceScheduledActionForRule`s. */
export function actionsOf({ id, policy }: KeptPolicy): readonly (Json & { id: string })[] {
  const written = writeGraphPolicy({
    ...policy,
    type: policy.type ?? 'iosCompliancePolicy',
    settings: {},
  })
  return listOf(written['scheduledActionsForRule']).map((rule, at) => ({
    ruleName: null,
    ...rule,
    id: `${id}_rule${at}`,
    scheduledActionConfigurations: listOf(rule['scheduledActionConfigurations']).map(
      (action, n) => ({
        id: `${id}_action${n}`,
        notificationTemplateId: '00000000-0000-0000-0000-000000000000',
        notificationMessageCCList: [],
        ...action,
      }),
    ),
  }))
}

/** A policy in Graph's JSON; without `assignments` it keeps whom `reach` says. Throws `policy.invalid`. */
export function readPolicyRow(
  json: unknown,
  reach: Pick<CompliancePolicy, 'assignedTo' | 'excluded'>,
): CompliancePolicy {
  const isObject = typeof json === 'object' && json !== null
  const said = isObject && Object.entries(json).filter(([name]) => !own.has(name))
  const { policy } = readGraphPolicy(said ? Object.fromEntries(said) : json)
  return { ...policy, ...(isObject && 'assignments' in json ? reached(policy.targets) : reach) }
}

function reached(targets: CompliancePolicy['targets'] = []) {
  return reachOf(targets, (id) => id as TargetId) // whether there is such a one is checked before it is saved
}

/** Graph's `complianceStatus`, spelled as there. */
const statusWords: Readonly<Record<ComplianceState, string>> = {
  unknown: 'unknown',
  notApplicable: 'notApplicable',
  compliant: 'compliant',
  inGracePeriod: 'nonCompliant',
  noncompliant: 'nonCompliant',
  error: 'error',
  conflict: 'conflict',
}

function statusOf({ state, remediated = [] }: PolicyResult): string {
  return state === 'compliant' && remediated.length > 0 ? 'remediated' : statusWords[state]
}

/** Graph's `deviceComplianceDeviceStatus`: one device under one policy. */
export interface DeviceStatusRow {
  readonly id: string
  readonly deviceId: string
  readonly deviceDisplayName: string
  readonly deviceModel: string
  readonly userName: string
  readonly userPrincipalName: string
  readonly status: string
  readonly complianceGracePeriodExpirationDateTime: string | null
  readonly lastReportedDateTime: string | null
}

/** How every judged device stands under this policy. */
export function deviceStatusRows(
  { id, policy }: KeptPolicy,
  verdicts: readonly SavedVerdict[],
  devices: ReadonlyMap<string, ManagedDevice>,
): readonly DeviceStatusRow[] {
  return verdicts.flatMap((verdict) => {
    const result = verdict.policies.find((one) => one.policy === policy.name)
    const row = devices.get(verdict.device)
    if (!result || !row) return []
    return [
      {
        id: `${id}_${verdict.device}`,
        deviceId: verdict.device,
        deviceDisplayName: row.deviceName,
        deviceModel: row.model,
        userName: row.userDisplayName,
        userPrincipalName: row.userPrincipalName,
        status: statusOf(result),
        complianceGracePeriodExpirationDateTime: row.complianceGracePeriodExpirationDateTime,
        lastReportedDateTime: row.lastSyncDateTime,
      },
    ]
  })
}

const severity = [
  'notApplicable',
  'compliant',
  'remediated',
  'unknown',
  'nonCompliant',
  'error',
  'conflict',
]

/** Graph's `deviceComplianceUserStatus`: the worst device of each user. */
export function userStatusRows(rows: readonly DeviceStatusRow[]): readonly object[] {
  return [...Map.groupBy(rows, ({ userPrincipalName }) => userPrincipalName)].flatMap(
    ([userPrincipalName, own]) => {
      const worst = own.toSorted(
        (a, b) => severity.indexOf(b.status) - severity.indexOf(a.status),
      )[0]
      return worst
        ? [
            {
              id: `${worst.id}_user`,
              userDisplayName: worst.userName,
              userPrincipalName,
              devicesCount: own.length,
              status: worst.status,
              lastReportedDateTime: worst.lastReportedDateTime,
            },
          ]
        : []
    },
  )
}

/** Graph's `deviceComplianceDeviceOverview`: counts of the rows. */
export function statusOverview(
  { id, version, modifiedAt }: KeptPolicy,
  rows: readonly DeviceStatusRow[],
) {
  const count = (...wanted: readonly string[]) =>
    rows.filter(({ status }) => wanted.includes(status)).length
  return {
    id,
    pendingCount: count('unknown'),
    notApplicableCount: count('notApplicable'),
    successCount: count('compliant', 'remediated'),
    errorCount: count('error', 'conflict'),
    failedCount: count('nonCompliant'),
    lastUpdateDateTime: new Date(modifiedAt).toISOString(),
    configurationVersion: version,
  }
}

/** Graph's `deviceCompliancePolicyDeviceStateSummary`: devices by their overall state. */
export function stateSummary(verdicts: readonly SavedVerdict[]) {
  const count = (wanted: (verdict: SavedVerdict) => boolean) => verdicts.filter(wanted).length
  const inState = (state: ComplianceState) => count((verdict) => verdict.state === state)
  const isRemediated = (verdict: SavedVerdict) =>
    verdict.state === 'compliant' &&
    verdict.policies.some(({ remediated = [] }) => remediated.length > 0)
  return {
    id: 'deviceCompliancePolicyDeviceStateSummary',
    unknownDeviceCount: inState('unknown'),
    notApplicableDeviceCount: inState('notApplicable'),
    compliantDeviceCount: count((one) => one.state === 'compliant' && !isRemediated(one)),
    remediatedDeviceCount: count(isRemediated),
    inGracePeriodCount: inState('inGracePeriod'),
    nonCompliantDeviceCount: inState('noncompliant'),
    errorDeviceCount: inState('error'),
    conflictDeviceCount: inState('conflict'),
    configManagerCount: 0,
  }
}
