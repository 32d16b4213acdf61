import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { type EasRequest, writePlainHeaders, writePlainQuery } from '../wire/eas/request.ts'
import { announcedBytes } from './body.ts'
import type { Carried } from './carried.ts'
import type { Caller } from './credentials.ts'
import type { Ending } from './ending.ts'
import type { Cut, HeaderValues, Upstream, UpstreamSink } from './upstream.ts'

/** One request to pass through. */
export interface RelayCall {
  readonly carried: Carried
  readonly request: EasRequest
  readonly caller: Caller
  readonly ending: Ending
}

export interface RelayOptions {
  /** As it came, still encoded; `undefined` streams it from the client. */
  readonly body: Uint8Array | undefined
  readonly repeatable: boolean
  /** The policy key is the upstream's own: while we enforce, it is ours and stays here. */
  readonly passPolicyKey: boolean
  /** The upstream may hold it for long: it ends when we stop. Anything else is let finish. */
  readonly held: boolean
  /** Sees the whole answer, up to `limits.wbxmlBytes`, when it has ended. Must not reject. */
  readonly learn: ((status: number, body: Uint8Array) => Promise<void>) | undefined
  /** Sees status and first piece. */
  readonly glance: ((status: number, start: Uint8Array | undefined) => void) | undefined
}

/** An end that comes once. Every request has one: an AbortController with its signal would cost as much as its head. */
class End implements Cut {
  aborted = false
  readonly #listeners: { handleEvent(): void }[] = []

  abort(): void {
    if (this.aborted) return
    this.aborted = true
    for (const listener of this.#listeners.splice(0)) listener.handleEvent()
  }

  throwIfAborted(): void {
    if (this.aborted) throw new Failure('upstream.unavailable', 'ended by the door')
  }

  addEventListener(_type: 'abort', listener: { handleEvent(): void }): void {
    this.#listeners.push(listener)
  }

  removeEventListener(_type: 'abort', listener: { handleEvent(): void }): void {
    const at = this.#listeners.indexOf(listener)
    if (at >= 0) this.#listeners.splice(at, 1)
  }
}

/** How a relay ended: answered in full, or cut by `ending` before its answer began. */
export type Relayed = 'answered' | 'ended'

/**
 * Passes one request to the upstream and its answer back, bodies untouched and in pieces. Throws `upstream.unavailable`
 * when there was no answer; one that was broken off breaks the client's connection, so that half is never taken for whole.
 */
export async function relay(
  upstream: Upstream,
  call: RelayCall,
  options: RelayOptions,
): Promise<Relayed> {
  const { carried, request, caller, ending } = call
  const end = new End()
  // A message that has left in full is not called back: the client would send it again, and it would go out twice.
  ending.ring({
    rung(why) {
      if (why === 'stopping' && !options.held) return
      const handedOver = options.body === undefined && carried.complete
      if (!handedOver) end.abort()
    },
  })
  const body = options.body ?? carried.stream()
  const streamed = !(body instanceof Uint8Array)
  const headers = requestHeaders(call, options, streamed)
  const sink = sinkOf(carried, options)
  try {
    await upstream.send(
      {
        method: 'POST',
        query: writePlainQuery(request, caller.user.name),
        headers,
        user: caller.user.name,
        authorization: caller.authorization,
        repeatable: options.repeatable,
        body: streamed || body.length > 0 ? body : undefined,
        answerWithinMs: answerWithinMs(request),
      },
      sink,
      end,
    )
    sink.end()
    return 'answered'
  } catch (thrown) {
    if (carried.begun) {
      carried.break()
      return 'answered'
    }
    if (end.aborted) return 'ended'
    throw thrown
  }
}

function answerWithinMs(request: EasRequest): number {
  const held = request.command === 'Sync' || request.command === 'Ping'
  return limits.upstreamAnswerMs.value + (held ? limits.pingMaxSeconds.value * 1000 : 0)
}

const passedNames = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-encoding',
  'content-type',
  'cookie',
  'user-agent',
])

/** Said anew below: no field may stand twice. */
const ownNames = new Set(['ms-asacceptmultipart', 'ms-asprotocolversion', 'x-ms-policykey'])

/**
 * What of the client's headers goes on: a list, and the families of EAS. Anything else could be a word that only our own
 * front may say to the mail server, such as `x-webobjects-remote-user` to SOGo.
 */
function requestHeaders(
  { carried, request, caller }: RelayCall,
  options: RelayOptions,
  streamed: boolean,
): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of Object.keys(carried.headers)) {
    const value = carried.headers[name]
    // What we read ourselves must come unpacked.
    if (ownNames.has(name) || (options.learn && name === 'accept-encoding')) continue
    const passed = passedNames.has(name) || /^(ms-as|x-ms-)[a-z-]+$/.test(name)
    if (passed && typeof value === 'string') headers[name] = value
  }
  if (options.passPolicyKey && request.policyKeySent)
    headers['x-ms-policykey'] = String(request.policyKey)
  const announced = announcedBytes(carried)
  if (streamed && announced !== undefined) headers['content-length'] = String(announced)
  headers['x-forwarded-for'] = caller.address
  return writePlainHeaders(request, headers)
}

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The end-to-end headers of an answer (RFC 9110 7.6.1). */
export function responseHeaders(headers: HeaderValues): Record<string, string | string[]> {
  const named = String(headers['connection'] ?? '').toLowerCase()
  const dropped = named === '' ? [] : named.split(',').map((name) => name.trim())
  const passed: Record<string, string | string[]> = {}
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value !== undefined && !hopByHop.has(name) && !dropped.includes(name)) passed[name] = value
  }
  return passed
}

function sinkOf(carried: Carried, options: RelayOptions): UpstreamSink & { end(): void } {
  const pieces: Uint8Array[] = []
  let size = 0
  let status = 0
  let first: Uint8Array | undefined
  return {
    head(gotStatus, headers) {
      status = gotStatus
      carried.head(status, responseHeaders(headers))
    },
    piece(bytes, resume) {
      first ??= bytes
      size += bytes.length
      if (options.learn && size <= limits.wbxmlBytes.value) pieces.push(bytes)
      return carried.piece(bytes, resume)
    },
    end() {
      options.glance?.(status, first)
      if (size <= limits.wbxmlBytes.value) void options.learn?.(status, Buffer.concat(pieces))
      carried.end()
    },
  }
}
