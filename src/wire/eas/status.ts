import { element, writeWbxml } from '../wbxml/wbxml.ts'
import { answerTags, type EasCommand } from './commands.ts'
import { statusCodes } from './status-codes.ts'
import { atLeast, type EasVersion } from './version.ts'

/** How one common status travels: an HTTP error up to 12.1, HTTP 200 and a WBXML body from 14.0 on. */
export interface StatusAnswer {
  readonly http: number
  readonly body: Uint8Array | undefined
}

const known = new Map(statusCodes.map(([code, name, http]) => [code, { name, http }]))

/**
 * HTTP statuses up to 12.1 where the published table names none, or several. Refusals are 403, what the client did
 * wrong is 400, the rest 500.
 */
const chosen: Readonly<Record<number, number>> = {
  102: 400,
  104: 400,
  105: 400,
  106: 400,
  107: 400,
  108: 400,
  109: 400,
  114: 503,
  115: 507,
  123: 403,
  124: 403,
  127: 403,
  128: 403,
  129: 403,
  130: 403,
  131: 403,
  132: 500,
  138: 505,
  139: 403,
  140: 449,
  145: 403,
  147: 400,
  150: 404,
  165: 403,
  177: 403,
}

/** The published name of a common status code 101-184, for logs. */
export function statusName(status: number): string | undefined {
  return known.get(status)?.name
}

/** The HTTP status that stands for a common status up to 12.1; 140 is 449, or 403 when no policy key header was sent. */
export function httpOfStatus(status: number, keySent = true): number {
  if (status === 140 && !keySent) return 403
  return chosen[status] ?? known.get(status)?.http[0] ?? 500
}

/** The WBXML body `root(Status)` alone; `undefined` for GetAttachment. For sending 449 and the body together. */
export function statusBody(command: EasCommand, status: number): Uint8Array | undefined {
  const tags = answerTags(command)
  if (!tags) return undefined
  const inner = element(tags.status, status)
  return writeWbxml(element(tags.root, tags.within ? element(tags.within, inner) : inner))
}

/** The answer of a command that fails as a whole with a common status (101 and up), as this version expects it. */
export function statusAnswer(
  command: EasCommand,
  status: number,
  version: EasVersion,
  keySent = true,
): StatusAnswer {
  const body = atLeast(version, '14.0') ? statusBody(command, status) : undefined
  return body ? { http: 200, body } : { http: httpOfStatus(status, keySent), body: undefined }
}
