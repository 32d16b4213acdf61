import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Clock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { EasAnswer } from '../mailbox/mailbox.ts'
import { readBody, readStart } from './body.ts'
import type { Carried, GoesAway } from './carried.ts'
import { reply } from './reply.ts'
import type { HeaderValues } from './upstream.ts'

/** A request as node:http carries it. */
export class NodeCarried implements Carried {
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #clock: Clock

  constructor(req: IncomingMessage, res: ServerResponse, clock: Clock) {
    this.#req = req
    this.#res = res
    this.#clock = clock
  }

  get method(): string {
    return this.#req.method ?? ''
  }

  get url(): string {
    return this.#req.url ?? ''
  }

  get headers(): HeaderValues {
    return this.#req.headers
  }

  get peer(): string | undefined {
    return this.#req.socket.remoteAddress
  }

  get complete(): boolean {
    return this.#req.complete
  }

  get begun(): boolean {
    return this.#res.headersSent
  }

  readBody(maxBytes?: number): Promise<Uint8Array> {
    return readBody(this.#req, this.#clock, maxBytes)
  }

  readStart(): Promise<Uint8Array> {
    return readStart(this.#req, this.#clock)
  }

  // Through an iterator, since the client's socket would otherwise be closed together with a failed upload.
  stream(): Readable {
    const req = this.#req
    // Closes the connection of a sender that stands still; every piece starts the time again.
    req.socket.setTimeout(limits.uploadIdleMs.value)
    req.once('end', () => req.socket.setTimeout(0))
    return Readable.from(req.iterator({ destroyOnReturn: false }), { objectMode: false })
  }

  // Ten thousand heads are not worth keeping.
  forgetHead(): void {
    this.#req.headers = {}
    this.#req.rawHeaders = []
  }

  watch(ending: GoesAway): void {
    // Taken now: a request that was broken off has lost it by the time of its close.
    const { socket } = this.#req
    this.#res.once('close', () => {
      // The connection may wait for the phone's next request.
      socket.setTimeout(limits.keepAliveMs.value)
      ending.end('gone')
    })
  }

  reply(answer: EasAnswer): void {
    reply(this.#req, this.#res, answer)
  }

  head(status: number, headers: HeaderValues): void {
    this.#res.writeHead(status, headers)
  }

  piece(bytes: Uint8Array, resume: () => void): boolean {
    if (this.#res.write(bytes)) return true
    this.#res.once('drain', resume)
    return false
  }

  end(): void {
    this.#res.end()
  }

  break(): void {
    this.#res.destroy()
  }
}
