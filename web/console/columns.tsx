import {
  columnFilteringFeature,
  columnVisibilityFeature,
  createColumnHelper,
  createFilteredRowModel,
  createSortedRowModel,
  filterFn_includesString,
  globalFilteringFeature,
  rowSortingFeature,
  sortFn_alphanumeric,
  sortFn_text,
  tableFeatures,
} from '@tanstack/react-table'
import type { ManagedDevice } from '../../src/graph/contract.ts'

/** What the grid can do: sort, filter by text, choose columns. */
export const features = tableFeatures({
  columnVisibilityFeature,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric, text: sortFn_text },
  columnFilteringFeature,
  globalFilteringFeature,
  filteredRowModel: createFilteredRowModel(),
  filterFns: { includesString: filterFn_includesString },
})

const helper = createColumnHelper<typeof features, ManagedDevice>()

const stateNames: Record<ManagedDevice['exchangeAccessState'], string> = {
  none: '',
  unknown: 'Unknown',
  allowed: 'Allowed',
  blocked: 'Blocked',
  quarantined: 'Quarantined',
  deviceDiscovery: 'Device discovery',
}

const stateTones: Record<string, string> = {
  Allowed: 'good',
  Blocked: 'bad',
  Quarantined: 'warn',
  'Device discovery': 'warn',
}

const reasonNames: Record<string, string> = {
  none: '',
  compliant: 'Compliant',
  notCompliant: 'Not compliant',
  notEnrolled: 'Not enrolled',
  notActivated: 'Not activated',
  approvalPending: 'Approval pending',
  exchangeGlobalRule: 'Global permissions',
  exchangeIndividualRule: 'Individual permissions',
  exchangeDeviceRule: 'Device rule',
  exchangeMailboxPolicy: 'Mailbox policy',
  unsupportedPlatform: 'Unsupported platform',
  userDisabled: 'User disabled',
  easDisabled: 'ActiveSync disabled',
  deviceDiscovery: 'Device discovery',
  internal: 'Internal fault',
  behind: 'Node behind',
}

const complianceNames: Record<string, string> = {
  unknown: 'Not evaluated',
  notApplicable: 'Not applicable',
  compliant: 'Compliant',
  inGracePeriod: 'In grace period',
  noncompliant: 'Noncompliant',
  error: 'Error',
  conflict: 'Conflict',
}

export const reasonName = (code: string): string => reasonNames[code] ?? code

const moment = (iso: string | null): string => (iso ? new Date(iso).toLocaleString() : '')

export const yesNo = (value: boolean): string => (value ? 'Yes' : 'No')

/** Clients tell the version within the system's name or apart from it. */
const systemOf = ({ operatingSystem, osVersion }: ManagedDevice): string =>
  operatingSystem.includes(osVersion) ? operatingSystem : `${operatingSystem} ${osVersion}`

/** Every column of the devices page; names are those of Exchange and of Configuration Manager's devices node. */
export const columns = helper.columns([
  helper.accessor('deviceName', { header: 'Name' }),
  helper.accessor('userPrincipalName', { header: 'Primary user' }),
  helper.accessor((row) => stateNames[row.exchangeAccessState], {
    id: 'exchangeAccessState',
    header: 'Exchange Access State',
    cell: (cell) => {
      const state = cell.getValue()
      return state ? <span className={`state ${stateTones[state] ?? ''}`}>{state}</span> : ''
    },
  }),
  helper.accessor((row) => reasonName(row.exchangeAccessStateReason), {
    id: 'exchangeAccessStateReason',
    header: 'Exchange Access State Reason',
  }),
  helper.accessor((row) => complianceNames[row.complianceState] ?? row.complianceState, {
    id: 'complianceState',
    header: 'Compliance',
  }),
  helper.accessor((row) => moment(row.exchangeLastSuccessfulSyncDateTime), {
    id: 'exchangeLastSuccessfulSyncDateTime',
    header: 'Last Success Sync Time To Exchange Server',
    sortFn: (a, b) => byTime(a.original, b.original, 'exchangeLastSuccessfulSyncDateTime'),
  }),
  helper.accessor(systemOf, {
    id: 'operatingSystem',
    header: 'Operating system',
  }),
  helper.accessor('model', { header: 'Model' }),
  helper.accessor('easDeviceId', { header: 'EAS device ID' }),
  helper.accessor('easDeviceType', { header: 'Device type' }),
  helper.accessor('easVersion', { header: 'EAS version' }),
  helper.accessor('userAgent', { header: 'User agent' }),
  helper.accessor((row) => yesNo(row.easActivated), {
    id: 'easActivated',
    header: 'EAS activated',
  }),
  helper.accessor((row) => yesNo(row.azureADRegistered), {
    id: 'azureADRegistered',
    header: 'Registered',
  }),
  helper.accessor('managedDeviceOwnerType', { header: 'Device owner' }),
  helper.accessor('managementAgent', { header: 'Management channel' }),
  helper.accessor('imei', { header: 'IMEI' }),
  helper.accessor((row) => moment(row.firstSeenDateTime), {
    id: 'firstSeenDateTime',
    header: 'First seen',
  }),
  helper.accessor((row) => moment(row.lastSyncDateTime), {
    id: 'lastSyncDateTime',
    header: 'Last contact',
  }),
  helper.accessor((row) => moment(row.enrolledDateTime), {
    id: 'enrolledDateTime',
    header: 'Enrolled',
  }),
])

/** Hidden until chosen. */
export const hiddenAtFirst: Record<string, boolean> = Object.fromEntries(
  [
    'easDeviceId',
    'easDeviceType',
    'easVersion',
    'userAgent',
    'easActivated',
    'azureADRegistered',
    'managedDeviceOwnerType',
    'managementAgent',
    'imei',
    'firstSeenDateTime',
    'lastSyncDateTime',
    'enrolledDateTime',
  ].map((id) => [id, false]),
)

type TimeName = 'exchangeLastSuccessfulSyncDateTime'

const byTime = (a: ManagedDevice, b: ManagedDevice, name: TimeName): number =>
  (a[name] ?? '').localeCompare(b[name] ?? '')
