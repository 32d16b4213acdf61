import { isHealthyState } from '../compliance/verdict.ts'
import type { LogEntry } from '../access/access.ts'
import { exchangeOnline } from '../conditional/policy.ts'
import type { User } from '../directory/directory.ts'
import type { SignInBody } from './audit-contract.ts'
import type { SayReason } from './rows.ts'

/** Graph's number for why a sign-in failed (AADSTS codes); what only Exchange knows is a block by policy. */
const errorCodes: Readonly<Record<string, number>> = {
  userDisabled: 50057,
  mfaRequired: 50076,
  notCompliant: 53000,
  notEnrolled: 53000,
  notActivated: 53000,
}
const blockedByPolicy = 53003

const failed = new Set(['failure', 'interrupted'])

/** The row of an entry; `user` where the account is still there. */
export function signInRow(
  entry: LogEntry,
  user: User | undefined,
  sayReason: SayReason,
): SignInBody {
  const policies = entry.policies ?? []
  const { client } = entry
  return {
    id: String(entry.seq),
    createdDateTime: new Date(entry.decidedAt).toISOString(),
    userId: user?.id ?? entry.user ?? '',
    userPrincipalName: user?.name ?? '',
    userDisplayName: user?.displayName ?? '',
    appId: exchangeOnline,
    appDisplayName: 'Office 365 Exchange Online',
    resourceDisplayName: 'Office 365 Exchange Online',
    ipAddress: entry.address ?? '',
    clientAppUsed: 'Exchange ActiveSync',
    isInteractive: false,
    conditionalAccessStatus: statusOf(policies.map(({ result }) => result)),
    status: failureOf(entry, sayReason),
    deviceDetail: {
      deviceId: client?.device ?? '',
      displayName: client?.deviceName ?? '',
      operatingSystem: client?.operatingSystem ?? client?.platform ?? '',
      browser: '',
      isCompliant: client?.compliance !== undefined && isHealthyState(client.compliance),
      isManaged: client?.device !== undefined,
      trustType: client?.device === undefined ? '' : 'Workplace',
    },
    appliedConditionalAccessPolicies: policies.map(
      ({ id, displayName, result, grantControls = [], sessionControls = [] }) => ({
        id,
        displayName,
        result,
        enforcedGrantControls: grantControls,
        enforcedSessionControls: sessionControls,
      }),
    ),
    postern: {
      partnership: entry.partnership,
      outcome: entry.outcome,
      was: entry.was ?? null,
      judged: entry.judged,
      enforced: entry.enforced,
      state: entry.state,
      stateReason: entry.stateReason,
      easDeviceId: client?.deviceId ?? '',
      easDeviceType: client?.deviceType ?? '',
      userAgent: client?.userAgent ?? '',
      reasons: entry.reasons,
      path: entry.path,
      latencyMs: entry.latencyMs,
    },
  }
}

function statusOf(results: readonly string[]): SignInBody['conditionalAccessStatus'] {
  if (results.some((result) => failed.has(result))) return 'failure'
  return results.includes('success') ? 'success' : 'notApplied'
}

function failureOf(
  { outcome, stateReason, reasons }: LogEntry,
  sayReason: SayReason,
): SignInBody['status'] {
  if (outcome === 'allow') return { errorCode: 0, failureReason: '', additionalDetails: '' }
  const [reason] = reasons
  return {
    errorCode: errorCodes[stateReason] ?? blockedByPolicy,
    failureReason: sayReason(reason?.code ?? stateReason).title,
    additionalDetails: reason?.policy ?? '',
  }
}

/** What `$filter` may ask for: Graph's paths, and those of `postern`. */
export const signInProperties: ReadonlySet<string> = new Set([
  'id',
  'createdDateTime',
  'userId',
  'userPrincipalName',
  'userDisplayName',
  'appId',
  'appDisplayName',
  'ipAddress',
  'clientAppUsed',
  'conditionalAccessStatus',
  'status_errorCode',
  'deviceDetail_deviceId',
  'deviceDetail_displayName',
  'deviceDetail_operatingSystem',
  'postern_partnership',
  'postern_outcome',
  'postern_judged',
  'postern_stateReason',
  'postern_easDeviceId',
])

/** The same row without depth, its paths joined as `$filter` has them after `flatPaths`. */
export function flatRow(row: SignInBody): object {
  const flat: Record<string, unknown> = { ...row }
  for (const part of ['status', 'deviceDetail', 'postern'] as const)
    for (const [name, value] of Object.entries(row[part])) flat[`${part}_${name}`] = value
  return flat
}

/** Paths of a filter written without the slash, outside of quotes. */
export const flatPaths = (filter: string): string =>
  filter.replace(
    /'(?:[^']|'')*'|\b(status|deviceDetail|postern)\/(?=\w)/g,
    (found, part: unknown) => (typeof part === 'string' ? `${part}_` : found),
  )
