import http, { type ClientRequest } from 'node:http'
import https from 'node:https'
import { pipeline, type Readable } from 'node:stream'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Secret } from '../base/secret.ts'

/** Header values as Node has them: several `set-cookie` stay apart. */
export type HeaderValues = Readonly<Record<string, string | string[] | undefined>>

/** One EAS request for the mail server behind. */
export interface UpstreamRequest {
  readonly method: 'OPTIONS' | 'POST'
  /** Without `?`; '' for none. */
  readonly query: string
  /** End-to-end headers only. */
  readonly headers: Readonly<Record<string, string>>
  /** The authenticated user's name, for an upstream that trusts us. */
  readonly user: string
  /** What the client sent as Authorization. */
  readonly authorization: Secret
  /** Bytes can be sent twice, a stream only once. */
  readonly body?: Uint8Array | Readable
  /** May be sent again when the connection dies before the answer begins: never for what changes mail. */
  readonly repeatable: boolean
  /** How long the answer may take to begin. */
  readonly answerWithinMs: number
}

/** Where an answer goes, piece by piece. */
export interface UpstreamSink {
  head(status: number, headers: HeaderValues): void
  /** `false` holds the answer back until `resume` is called. */
  piece(bytes: Uint8Array, resume: () => void): boolean
}

/** The mail server behind, seen as an EAS server. `test/contract/upstream.ts` is the law of every implementation. */
export interface Upstream {
  /**
   * Sends one request; resolves when its answer has ended. Throws `upstream.unavailable`, or the signal's reason; if the
   * sink had its head by then, the answer is broken off.
   */
  send(request: UpstreamRequest, sink: UpstreamSink, signal?: AbortSignal): Promise<void>
  stop(): Promise<void>
}

export interface HttpUpstreamOptions {
  /** Full address of its EAS path. */
  readonly url: string
  /** Keep connections open. SOGo closes them without a word (3 of 30 requests failed in a trial), so the default is not to. */
  readonly keepAlive?: boolean
  /** A password that it takes for every user. Without it the client's own Authorization goes through. */
  readonly secret?: Secret | undefined
}

/**
 * An upstream over HTTP or HTTPS: the bodies pass in pieces, with backpressure both ways. By Node's own client, because
 * undici's throws out of reach when a server closes while its last piece is held back.
 */
export function createHttpUpstream(options: HttpUpstreamOptions): Upstream {
  const url = new URL(options.url)
  const { Agent, request: begin } = url.protocol === 'https:' ? https : http
  // A fresh connection for what must not be sent twice: it cannot meet a socket that is already dying.
  const fresh = new Agent({ keepAlive: false })
  const kept = options.keepAlive ? new Agent({ keepAlive: true }) : fresh
  const authorize = (request: UpstreamRequest): string =>
    options.secret
      ? `Basic ${Buffer.from(`${request.user}:${options.secret.reveal()}`).toString('base64')}`
      : request.authorization.reveal()

  const open = (request: UpstreamRequest, agent: http.Agent): ClientRequest => {
    const query = request.query ? `?${request.query}` : url.search
    const headers = { ...request.headers, authorization: authorize(request) }
    const { body } = request
    return begin(url, {
      agent,
      path: `${url.pathname}${query}`,
      method: request.method,
      headers: body instanceof Uint8Array ? { ...headers, 'content-length': body.length } : headers,
      // Until the connection stands; then `exchange` sets what the answer may take.
      timeout: limits.upstreamConnectMs.value,
    })
  }

  return {
    async send(request, sink, signal) {
      signal?.throwIfAborted()
      const agent = request.repeatable ? kept : fresh
      const first = await exchange(open(request, agent), request, sink, signal)
      if (first === undefined) return
      const again = request.repeatable && !first.begun && !first.timedOut && !signal?.aborted
      const last = again ? await exchange(open(request, fresh), request, sink, signal) : first
      if (last === undefined) return
      signal?.throwIfAborted()
      throw new Failure('upstream.unavailable', last.code, { cause: last.cause })
    },
    async stop() {
      fresh.destroy()
      kept.destroy()
    },
  }
}

interface Broken {
  /** The answer had begun. */
  readonly begun: boolean
  readonly timedOut: boolean
  /** System or HTTP parser code, for the log. */
  readonly code: string
  readonly cause: Error
}

/** One try. `undefined`: the answer came to its end. */
function exchange(
  call: ClientRequest,
  { body, answerWithinMs }: UpstreamRequest,
  sink: UpstreamSink,
  signal: AbortSignal | undefined,
): Promise<Broken | undefined> {
  return new Promise((resolve) => {
    let begun = false
    let timedOut = false
    const abort = () => void call.destroy(new Error('ended by the door'))
    signal?.addEventListener('abort', abort, { once: true })
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

/** An answer read whole. */
export interface UpstreamAnswer {
  readonly status: number
  readonly headers: HeaderValues
  readonly body: Uint8Array
}

/** Sends and reads the whole answer, up to `limits.wbxmlBytes`: for our own small requests. */
export async function ask(
  upstream: Upstream,
  request: UpstreamRequest,
  signal?: AbortSignal,
): Promise<UpstreamAnswer> {
  let status = 0
  let headers: HeaderValues = {}
  let size = 0
  const pieces: Uint8Array[] = []
  await upstream.send(
    request,
    {
      head(gotStatus, gotHeaders) {
        status = gotStatus
        headers = gotHeaders
      },
      piece(bytes) {
        size += bytes.length
        if (size <= limits.wbxmlBytes.value) pieces.push(bytes)
        return true
      },
    },
    signal,
  )
  if (size > limits.wbxmlBytes.value)
    throw new Failure('upstream.unavailable', 'the answer to our own request exceeds wbxmlBytes')
  return { status, headers, body: Buffer.concat(pieces) }
}
