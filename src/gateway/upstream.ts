import type { Readable } from 'node:stream'
import type { Dispatcher, Pool } from 'undici'
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

interface Pools {
  /** May reuse connections. */
  readonly kept: Pool
  /** A fresh connection for each request: what must not be sent twice cannot meet a socket that is already dying. */
  readonly fresh: Pool
}

/** An upstream over HTTP or HTTPS, through undici's dispatch: the bodies pass in pieces, with backpressure both ways. */
export function createHttpUpstream(options: HttpUpstreamOptions): Upstream {
  const url = new URL(options.url)
  let opened: Promise<Pools> | undefined
  const open = async (): Promise<Pools> => {
    const { Pool } = await import('undici')
    const make = (pipelining: number) =>
      new Pool(url.origin, {
        pipelining,
        connections: null,
        connectTimeout: limits.upstreamConnectMs.value,
        bodyTimeout: limits.uploadIdleMs.value,
      })
    const fresh = make(0)
    return { fresh, kept: options.keepAlive ? make(1) : fresh }
  }
  const authorize = (request: UpstreamRequest): string =>
    options.secret
      ? `Basic ${Buffer.from(`${request.user}:${options.secret.reveal()}`).toString('base64')}`
      : request.authorization.reveal()

  return {
    async send(request, sink, signal) {
      signal?.throwIfAborted()
      opened ??= open()
      const pools = await opened
      const path = request.query
        ? `${url.pathname}?${request.query}`
        : `${url.pathname}${url.search}`
      const target: Dispatcher.DispatchOptions = {
        path,
        method: request.method,
        headers: { ...request.headers, authorization: authorize(request) },
        body: request.body ?? null,
        headersTimeout: request.answerWithinMs,
      }
      const pool = request.repeatable ? pools.kept : pools.fresh
      const first = await exchange(pool, target, sink, signal)
      if (first === undefined) return
      const again = request.repeatable && !first.begun && !first.timedOut && !signal?.aborted
      const last = again ? await exchange(pools.fresh, target, sink, signal) : first
      if (last === undefined) return
      signal?.throwIfAborted()
      throw new Failure('upstream.unavailable', last.code, { cause: last.cause })
    },
    async stop() {
      const pools = await opened
      await pools?.fresh.destroy()
      await pools?.kept.destroy()
    },
  }
}

interface Broken {
  /** The answer had begun. */
  readonly begun: boolean
  readonly timedOut: boolean
  /** System or undici code, for the log. */
  readonly code: string
  readonly cause: Error
}

const timeouts = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']

/** One try. `undefined`: the answer came to its end. */
function exchange(
  pool: Pool,
  target: Dispatcher.DispatchOptions,
  sink: UpstreamSink,
  signal: AbortSignal | undefined,
): Promise<Broken | undefined> {
  return new Promise((resolve) => {
    let begun = false
    let controller: Dispatcher.DispatchController | undefined
    const abort = () => controller?.abort(new Error('ended by the door'))
    signal?.addEventListener('abort', abort, { once: true })
    const done = (broken: Broken | undefined) => {
      signal?.removeEventListener('abort', abort)
      resolve(broken)
    }
    pool.dispatch(target, {
      onRequestStart(started) {
        controller = started
        if (signal?.aborted) abort()
      },
      onResponseStart(_controller, status, headers) {
        if (status < 200) return
        begun = true
        sink.head(status, headers)
      },
      onResponseData(active, bytes) {
        if (!sink.piece(bytes, () => active.resume())) active.pause()
      },
      onResponseEnd: () => done(undefined),
      onResponseError(_controller, cause) {
        const code = 'code' in cause ? String(cause.code) : cause.name
        done({ begun, timedOut: timeouts.includes(code), code, cause })
      },
    })
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
