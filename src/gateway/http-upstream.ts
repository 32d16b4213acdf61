import http, { type ClientRequest } from 'node:http'
import https from 'node:https'
import { pipeline } from 'node:stream'
import { assert, Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Secret } from '../base/secret.ts'
import type { Broken } from './lane/mail-line.ts'
import { createMailLines } from './lane/mail-lines.ts'
import { writeRequest } from './lane/request-bytes.ts'
import type { Cut, Upstream, UpstreamRequest, UpstreamSink } from './upstream.ts'

export interface HttpUpstreamOptions {
  /** Full address of its EAS path. */
  readonly url: string
  /** Keep connections open. SOGo closes them without a word (3 of 30 requests failed in a trial), so the default is not to. */
  readonly keepAlive?: boolean
  /** A password that it takes for every user. Without it the client's own Authorization goes through. */
  readonly secret?: Secret | undefined
}

/**
 * An upstream over HTTP or HTTPS: the bodies pass in pieces, with backpressure both ways. What may be sent twice goes over
 * kept lines of our own (`lane/mail-lines.ts`), anything else by Node's own client, because undici's throws out of reach
 * when a server closes while its last piece is held back.
 */
export function createHttpUpstream(options: HttpUpstreamOptions): Upstream {
  const url = new URL(options.url)
  const { pathname, search, host } = url
  const target = { pathname, search, host }
  const { Agent, request: begin } = url.protocol === 'https:' ? https : http
  // A fresh connection for what must not be sent twice: it cannot meet a socket that is already dying.
  const fresh = new Agent({ keepAlive: false })
  const lines = options.keepAlive ? createMailLines(url) : undefined
  /** Requests that are not asked over `lines`, since an answer was one for Node's own client. */
  let detour = 0
  const authorize = (request: UpstreamRequest): string =>
    options.secret
      ? `Basic ${Buffer.from(`${request.user}:${options.secret.reveal()}`).toString('base64')}`
      : request.authorization.reveal()

  const open = (request: UpstreamRequest): ClientRequest => {
    const query = request.query ? `?${request.query}` : url.search
    const headers = { ...request.headers, authorization: authorize(request) }
    const { body } = request
    return begin(url, {
      agent: fresh,
      path: `${url.pathname}${query}`,
      method: request.method,
      headers: body instanceof Uint8Array ? { ...headers, 'content-length': body.length } : headers,
      // Until the connection stands; then `exchange` sets what the answer may take.
      timeout: limits.upstreamConnectMs.value,
    })
  }

  /** The first try: over a kept line what may be sent twice, since a line may be dying when it is used. */
  const tryFirst = (request: UpstreamRequest, sink: UpstreamSink, signal?: Cut) => {
    const { repeatable, body } = request
    if (!lines || !repeatable || !(body === undefined || body instanceof Uint8Array))
      return exchange(open(request), request, sink, signal)
    if (detour > 0) {
      detour -= 1
      return exchange(open(request), request, sink, signal)
    }
    const bytes = writeRequest(target, request, body, authorize(request))
    return lines.exchange({ bytes, answerWithinMs: request.answerWithinMs }, sink, signal)
  }

  return {
    async send(request, sink, signal) {
      signal?.throwIfAborted()
      const first = await tryFirst(request, sink, signal)
      if (first === undefined) return
      if (first === 'odd') detour = limits.upstreamDetour.value
      const again = first === 'odd' || (request.repeatable && !first.begun && !first.timedOut)
      const last =
        again && !signal?.aborted ? await exchange(open(request), request, sink, signal) : first
      if (last === undefined) return
      signal?.throwIfAborted()
      assert(last !== 'odd', 'what is odd was asked again, or ended by its signal')
      throw new Failure('upstream.unavailable', last.code, { cause: last.cause })
    },
    async stop() {
      fresh.destroy()
      lines?.stop()
    },
  }
}

/** One try. `undefined`: the answer came to its end. */
function exchange(
  call: ClientRequest,
  { body, answerWithinMs }: UpstreamRequest,
  sink: UpstreamSink,
  signal: Cut | undefined,
): Promise<Broken | undefined> {
  return new Promise((resolve) => {
    let begun = false
    let timedOut = false
    const abort = { handleEvent: () => void call.destroy(new Error('ended by the door')) }
    signal?.addEventListener('abort', abort)
    const done = (cause?: Error) => {
      signal?.removeEventListener('abort', abort)
      if (!cause) return resolve(undefined)
      const code = 'code' in cause ? String(cause.code) : cause.name
      resolve({ begun, timedOut, code: timedOut ? 'ETIMEDOUT' : code, cause })
    }
    call.on('socket', (socket) => {
      const wait = () => void call.setTimeout(answerWithinMs)
      if (socket.connecting) socket.once('connect', wait)
      else wait()
    })
    call.on('timeout', () => {
      timedOut = true
      call.destroy(new Error('the mail server took too long'))
    })
    call.on('error', done)
    call.on('response', (answer) => {
      begun = true
      call.setTimeout(limits.uploadIdleMs.value)
      sink.head(answer.statusCode ?? 502, answer.headers)
      answer.on('data', (bytes: Uint8Array) => {
        if (!sink.piece(bytes, () => answer.resume())) answer.pause()
      })
      answer.on('end', () => done())
      answer.on('error', done)
    })
    if (body instanceof Uint8Array || body === undefined) call.end(body)
    else pipeline(body, call, (thrown) => thrown && done(thrown))
  })
}
