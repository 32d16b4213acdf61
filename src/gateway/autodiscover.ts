import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { User } from '../directory/directory.ts'
import type { EasAnswer } from '../mailbox/mailbox.ts'
import {
  readAutodiscover,
  writeAutodiscover,
  writeAutodiscoverError,
  writeAutodiscoverV2,
  writeAutodiscoverV2Error,
} from '../wire/eas/autodiscover.ts'
import { readBody } from './body.ts'
import type { Credentials } from './credentials.ts'
import { reply } from './reply.ts'

interface Parts {
  readonly credentials: Credentials
  /** Where phones reach us, without a path; known once the listener is open. */
  readonly publicUrl: () => string
  readonly clock: Clock
  readonly log: Log
}

/** Tells mail clients where the EAS door is: v1 as XML to those who sign in, v2 as JSON to anybody. */
export function createAutodiscover(parts: Parts): {
  handle(req: IncomingMessage, res: ServerResponse): void
} {
  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    try {
      const easUrl = new URL('/Microsoft-Server-ActiveSync', parts.publicUrl()).href
      reply(req, res, await answer(parts, easUrl, req))
    } catch (thrown) {
      const bad = thrown instanceof Failure && thrown.status < 500
      if (!bad) parts.log.error('autodiscover.fault', thrown)
      reply(req, res, { status: bad ? 400 : 503 })
    }
  }
  return { handle: (req, res) => void handle(req, res) }
}

async function answer(parts: Parts, easUrl: string, req: IncomingMessage): Promise<EasAnswer> {
  const url = new URL(req.url ?? '/', 'http://host.invalid')
  const path = url.pathname.toLowerCase()
  if (path.startsWith('/autodiscover/autodiscover.json')) return answerV2(url, easUrl)
  if (path !== '/autodiscover/autodiscover.xml') return { status: 404 }
  const checked = await parts.credentials.check({
    headers: req.headers,
    peer: req.socket.remoteAddress,
  })
  if ('answer' in checked) return checked.answer
  if (req.method !== 'POST') return xml(writeAutodiscoverError(600, 'Invalid Request'))
  const body = await readBody(req, parts.clock, limits.autodiscoverBytes.value)
  return xml(answerV1(body, checked.caller.user, easUrl))
}

/** The signed-in user's own account, whichever address was asked for: an address tells nothing about who asks. */
function answerV1(body: Uint8Array, user: User, easUrl: string): string {
  try {
    const asked = readAutodiscover(body)
    if (!asked.acceptsMobileSync) return writeAutodiscoverError(601, 'Provider is not available')
    return writeAutodiscover({
      emailAddress: user.mail,
      displayName: user.displayName,
      url: easUrl,
    })
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'request.malformed')
      return writeAutodiscoverError(600, 'Invalid Request')
    throw thrown
  }
}

/** The same for every address, known or not: nobody learns here who has an account. */
function answerV2(url: URL, easUrl: string): EasAnswer {
  const asked = [...url.searchParams].find(([name]) => name.toLowerCase() === 'protocol')
  const protocol = asked?.[1] ?? ''
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }
  const known = protocol.toLowerCase() === 'activesync'
  const text = known ? writeAutodiscoverV2(easUrl) : writeAutodiscoverV2Error()
  return { status: known ? 200 : 400, headers, body: Buffer.from(text) }
}

const xml = (text: string): EasAnswer => ({
  status: 200,
  headers: { 'content-type': 'text/xml; charset=utf-8', 'cache-control': 'private' },
  body: Buffer.from(text),
})
