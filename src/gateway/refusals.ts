import { limits } from '../base/limits.ts'
import type { EasAnswer } from '../mailbox/mailbox.ts'
import type { EasCommand } from '../wire/eas/commands.ts'
import { writePing } from '../wire/eas/ping.ts'
import type { EasRequest } from '../wire/eas/request.ts'
import { httpOfStatus, statusBody } from '../wire/eas/status.ts'
import { writeSync } from '../wire/eas/sync.ts'
import { atLeast } from '../wire/eas/version.ts'

/** Every way in which the EAS door refuses. */
export type Refusal =
  | 'blocked'
  | 'denied'
  | 'notProvisioned'
  | 'policyChanged'
  | 'wrongPolicyKey'
  | 'tooManyDevices'
  | 'sentBefore'
  | 'malformed'
  | 'tooLarge'
  | 'later'
  | 'fault'

/**
 * How a client of 14.0 or later is told to provision. `both`: HTTP 449 and the WBXML status in its body, since some
 * phones claim 14.1 and heed only the one or only the other; `status`: HTTP 200 and the WBXML status, as Exchange does.
 */
export type ProvisionDemand = 'both' | 'status'

interface Row {
  /** Common status of MS-ASCMD 2.2.2, for clients of 14.0 and later. */
  readonly status: number
  /** The HTTP status that goes with it from 14.0 on; up to 12.1 the published table decides. */
  readonly http: number
}

const table: Readonly<Record<Refusal, Row>> = {
  blocked: { status: 129, http: 200 },
  denied: { status: 130, http: 200 },
  notProvisioned: { status: 142, http: 449 },
  policyChanged: { status: 143, http: 449 },
  wrongPolicyKey: { status: 144, http: 449 },
  tooManyDevices: { status: 177, http: 200 },
  sentBefore: { status: 118, http: 200 },
  malformed: { status: 102, http: 400 },
  tooLarge: { status: 101, http: 413 },
  later: { status: 111, http: 503 },
  fault: { status: 110, http: 500 },
}

/** The HTTP headers of every WBXML answer that is made here. */
export const wbxmlHeaders = {
  'content-type': 'application/vnd.ms-sync.wbxml',
  'cache-control': 'private',
} as const

/** What a request is answered instead of being served: outcome × version. */
export function refuse(
  refusal: Refusal,
  request: Pick<EasRequest, 'command' | 'version' | 'policyKeySent'>,
  demand: ProvisionDemand = 'both',
): EasAnswer {
  const { status, http } = table[refusal]
  const later = refusal === 'later' ? { 'retry-after': String(limits.retryAfterSeconds.value) } : {}
  const body = atLeast(request.version, '14.0') ? statusBody(request.command, status) : undefined
  if (!body)
    return {
      // Ours where we must be exact (400, 413, 503), else the published one: 403, 449.
      status: http === 200 ? httpOfStatus(status, request.policyKeySent) : http,
      headers: later,
    }
  const quiet = http === 449 && demand === 'status'
  return { status: quiet ? 200 : http, headers: { ...wbxmlHeaders, ...later }, body }
}

/**
 * A client that ran wild is told when to come again, and by which of its ways it was noticed (X-MS-ASThrottle, as Exchange
 * 2013 and later say it). No verdict on the device: phones drop the account at 129.
 */
export function refuseWild(
  { reason, seconds }: { readonly reason: string; readonly seconds: number },
  request: Parameters<typeof refuse>[1],
): EasAnswer {
  const { headers, ...answer } = refuse('later', request)
  const more = { 'retry-after': String(seconds), 'x-ms-asthrottle': reason }
  return { ...answer, headers: { ...headers, ...more } }
}

/** A request line that could not be read has no version: HTTP 400, and the status for those who look at the body. */
export function refuseUnread(status: number, command: EasCommand | undefined): EasAnswer {
  const body = command && statusBody(command, status)
  return body ? { status: 400, headers: wbxmlHeaders, body } : { status: 400 }
}

/**
 * The polite end of a held request. `withdrawn`: Ping 7 and Sync 12 send the client to FolderSync, where it meets its new
 * state. `stopping`: as if nothing had happened in the meantime, so that a restart does not make every phone resync.
 */
export function goodbye(
  request: Pick<EasRequest, 'command' | 'version' | 'policyKeySent'>,
  why: 'withdrawn' | 'stopping',
): EasAnswer {
  if (request.command === 'Ping')
    return {
      status: 200,
      headers: wbxmlHeaders,
      body: writePing({ status: why === 'withdrawn' ? 7 : 1 }),
    }
  if (request.command === 'Sync' && why === 'withdrawn')
    return { status: 200, headers: wbxmlHeaders, body: writeSync({ status: 12 }, request.version) }
  return refuse('later', request)
}
