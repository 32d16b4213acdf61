import type { Readable } from 'node:stream'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Secret } from '../base/secret.ts'
import type { Ended } from '../mailbox/mailbox.ts'

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
  readonly body?: Uint8Array | Readable | undefined
  /** May be sent again when the connection dies before the answer begins: never for what changes mail. */
  readonly repeatable: boolean
  /** How long the answer may take to begin. */
  readonly answerWithinMs: number
}

/** What ends a request before its time; an AbortSignal is one. */
export interface Cut extends Ended {
  throwIfAborted(): void
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
  send(request: UpstreamRequest, sink: UpstreamSink, signal?: Cut): Promise<void>
  stop(): Promise<void>
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
  signal?: Cut,
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
