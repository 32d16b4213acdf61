import type { IncomingMessage, ServerResponse } from 'node:http'
import { limits } from '../base/limits.ts'
import type { EasAnswer } from '../mailbox/mailbox.ts'
import { announcedBytes } from './body.ts'

/** Writes an answer and ends the exchange. Nothing is written when the client has gone. */
export function reply(req: IncomingMessage, res: ServerResponse, answer: EasAnswer): void {
  if (res.headersSent || res.destroyed) {
    // Half an answer went out: only a broken connection tells the client that it is not the whole one.
    if (!res.writableEnded) res.destroy()
    return
  }
  const body = answer.body ?? new Uint8Array(0)
  const headers: Record<string, string | number> = { ...answer.headers }
  if (answer.body && !headers['content-type']) headers['content-type'] = 'application/octet-stream'
  headers['content-length'] = body.length
  if (!bodyIsSmall(req)) headers['connection'] = 'close'
  if (answer.status === 449) res.statusMessage = 'Retry With' // Node has no phrase for it.
  res.writeHead(answer.status, headers)
  res.end(body)
}

// What was not read is read and dropped before the connection's next request. A refused client must not make us take
// twenty megabytes, or hold the connection with a body that never ends.
function bodyIsSmall(req: IncomingMessage): boolean {
  if (req.complete) return true
  return (announcedBytes(req) ?? Number.POSITIVE_INFINITY) <= limits.refusedBodyBytes.value
}
