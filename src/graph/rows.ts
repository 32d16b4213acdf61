import type { SavedDecision } from '../access/access.ts'
import type { AccessState } from '../access/decision.ts'
import type { Instant } from '../base/clock.ts'
import type { SavedVerdict } from '../compliance/compliance.ts'
import { countedState, isHealthyState } from '../compliance/verdict.ts'
import type { Device, Partnership } from '../devices/devices.ts'
import type { FactName, Facts, FactValues } from '../devices/facts.ts'
import type { User } from '../directory/directory.ts'
import type { Issue, ManagedDevice, PortalClient, Spoken } from './contract.ts'

/** Turns a finding into words for people; `wanted` names languages as `Accept-Language` does. */
export type Explain = (
  finding: {
    rule: string
    measured: string | number | boolean
    required: string | number | boolean
  },
  wanted?: string,
) => Issue

/** All that a row is made of. */
export interface RowSource {
  readonly partnership: Partnership | undefined
  readonly device: Device | undefined
  readonly user: User | undefined
  readonly decision: SavedDecision | undefined
  readonly verdict: SavedVerdict | undefined
}

const time = (at: Instant | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString()

const known = <N extends FactName>(facts: Facts, name: N): FactValues[N] | undefined =>
  facts[name]?.value

const shown: Record<AccessState, ManagedDevice['exchangeAccessState']> = {
  unknown: 'unknown',
  allowed: 'allowed',
  blocked: 'blocked',
  quarantined: 'quarantined',
  deviceDiscovery: 'deviceDiscovery',
}

/** Exchange's own naming, `user_type`; an enrolled device's own name wins. */
function nameOf({ partnership, device, user }: RowSource): string {
  if (device) return device.name
  const type = known(partnership?.facts ?? {}, 'friendlyName') ?? partnership?.eas.deviceType
  return `${user?.name ?? 'unknown'}_${type ?? 'unknown'}`
}

/** One row of the devices page. */
export function managedDevice(source: RowSource, explain: Explain): ManagedDevice {
  const { partnership, device, user, decision, verdict } = source
  const facts: Facts = { ...partnership?.facts, ...device?.facts }
  return {
    id: partnership?.id ?? device?.id ?? '',
    deviceName: nameOf(source),
    userPrincipalName: user?.name ?? '',
    userDisplayName: user?.displayName ?? '',
    emailAddress: user?.mail ?? '',
    exchangeAccessState: decision ? shown[decision.state] : partnership ? 'unknown' : 'none',
    exchangeAccessStateReason: decision?.stateReason ?? 'none',
    judged: decision?.judged ?? 'none',
    enforced: decision?.enforced ?? false,
    complianceState: verdict?.state ?? 'unknown',
    complianceGracePeriodExpirationDateTime: time(verdict?.graceUntil),
    exchangeLastSuccessfulSyncDateTime: time(partnership?.lastSuccessSyncAt),
    lastSyncDateTime: time(device?.lastReportAt ?? partnership?.lastSeenAt),
    enrolledDateTime: time(device?.enrolledAt),
    firstSeenDateTime: time(partnership?.firstSeenAt),
    operatingSystem: known(facts, 'operatingSystem') ?? known(facts, 'platform') ?? '',
    osVersion: known(facts, 'osVersion') ?? '',
    model: known(facts, 'model') ?? '',
    easDeviceId: partnership?.eas.deviceId ?? '',
    easDeviceType: partnership?.eas.deviceType ?? '',
    easVersion: partnership?.eas.protocolVersion ?? '',
    userAgent: partnership?.eas.userAgent ?? '',
    easActivated: partnership?.activatedAt !== undefined,
    azureADRegistered: device?.registration === 'registered',
    azureADDeviceId: device?.id ?? null,
    managedDeviceOwnerType: device?.ownership ?? 'unknown',
    managementAgent: !device ? 'eas' : partnership ? 'easMdm' : 'mdm',
    imei: known(facts, 'imei') ?? '',
    serialNumber: known(facts, 'serialNumber') ?? '',
    phoneNumber: known(facts, 'phoneNumber') ?? '',
    issues: (verdict?.findings ?? []).map((finding) => explain(finding)),
  }
}

/** Says a reason code to the person whom it is about; `wanted` as above. */
export type SayReason = (code: string, wanted?: string) => Omit<Spoken, 'code'>

/** One client as its user sees it in the portal, with the state of the three steps. */
export function portalClient(
  source: RowSource,
  explain: Explain,
  sayReason: SayReason,
): PortalClient | undefined {
  const { partnership, device, decision, verdict } = source
  if (!partnership) return undefined
  const row = managedDevice(source, explain)
  const healthy = verdict !== undefined && isHealthyState(countedState(verdict))
  const pending = decision?.reasons.some((reason) => reason.code === 'approvalPending') ?? false
  const heldBack = row.judged !== 'allow' && row.judged !== 'none'
  const code = row.exchangeAccessStateReason
  return {
    id: partnership.id,
    deviceId: device?.id ?? null,
    name: row.deviceName,
    model: row.model,
    operatingSystem: row.operatingSystem,
    easDeviceId: row.easDeviceId,
    easDeviceType: row.easDeviceType,
    firstSeen: new Date(partnership.firstSeenAt).toISOString(),
    lastSeen: new Date(partnership.lastSeenAt).toISOString(),
    exchangeAccessState: row.exchangeAccessState,
    judged: row.judged,
    enrollment: device?.registration === 'registered' ? 'done' : 'open',
    compliance: !device || verdict === undefined ? 'waiting' : healthy ? 'done' : 'open',
    activation: !row.easActivated ? 'open' : pending ? 'waiting' : 'done',
    graceUntil: row.complianceGracePeriodExpirationDateTime,
    issues: row.issues,
    why: heldBack ? { code, ...sayReason(code) } : null,
    blocked: code === 'exchangeIndividualRule' && row.judged === 'block',
  }
}
