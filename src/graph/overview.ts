import type { Enforcement } from '../access/policy.ts'
import { limits } from '../base/limits.ts'
import type { GroupId } from '../directory/directory.ts'
import type {
  AffectedDevice,
  DeviceOverview,
  EnforcementPreview,
  ManagedDevice,
} from './contract.ts'

const isRefused = ({ judged }: ManagedDevice) => judged === 'block' || judged === 'quarantine'

/** Counts of rows by state. */
export function overviewOf(rows: readonly ManagedDevice[]): DeviceOverview {
  const count = (wanted: (row: ManagedDevice) => boolean) => rows.filter(wanted).length
  const inState = (...states: readonly ManagedDevice['exchangeAccessState'][]) =>
    count((row) => states.includes(row.exchangeAccessState))
  return {
    enrolledDeviceCount: count((row) => row.azureADRegistered),
    deviceExchangeAccessStateSummary: {
      allowedDeviceCount: inState('allowed'),
      blockedDeviceCount: inState('blocked'),
      quarantinedDeviceCount: inState('quarantined'),
      unknownDeviceCount: inState('unknown', 'deviceDiscovery'),
      unavailableDeviceCount: inState('none'),
    },
    totalDeviceCount: rows.length,
    noncompliantDeviceCount: count((row) => row.complianceState === 'noncompliant'),
    approvalPendingDeviceCount: count((row) => row.exchangeAccessStateReason === 'approvalPending'),
    keptOnlyByObservingDeviceCount: count((row) => isRefused(row) && !row.enforced),
  }
}

/** Whose mail ends and whose comes back when `now` becomes `then`, from the decisions that are kept. */
export function previewOf(
  rows: readonly ManagedDevice[],
  now: Enforcement,
  then: Enforcement,
  groupsOf: (user: string) => ReadonlySet<GroupId> | undefined,
): EnforcementPreview {
  const isHeld = ({ state, scope }: Enforcement, { userPrincipalName }: ManagedDevice) => {
    if (state !== 'enforcing') return false
    if (scope === 'all') return true
    const groups = groupsOf(userPrincipalName)
    return scope.some((group) => groups?.has(group))
  }
  const refused = rows.filter(isRefused)
  const lose = refused.filter((row) => !row.enforced && isHeld(then, row))
  // What was refused before enforcement (a disabled user) stays refused.
  const regain = refused.filter(
    (row) =>
      row.enforced &&
      row.exchangeAccessStateReason !== 'userDisabled' &&
      isHeld(now, row) &&
      !isHeld(then, row),
  )
  const page = (some: readonly ManagedDevice[]) =>
    some.slice(0, limits.collectionPage.value).map(affected)
  return {
    total: rows.length,
    loseCount: lose.length,
    loseUserCount: new Set(lose.map((row) => row.userPrincipalName)).size,
    lose: page(lose),
    regainCount: regain.length,
    regain: page(regain),
  }
}

function affected(row: ManagedDevice): AffectedDevice {
  const { id, deviceName, userPrincipalName, userDisplayName, judged } = row
  return {
    id,
    deviceName,
    userPrincipalName,
    userDisplayName,
    judged,
    reason: row.exchangeAccessStateReason,
  }
}
