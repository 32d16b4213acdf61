import { Failure } from '../../base/failures.ts'
import type { EasAnswer } from '../../mailbox/mailbox.ts'
import type { Carried, GoesAway } from '../carried.ts'
import type { HeaderValues } from '../upstream.ts'
import { answerHead, type Framing, framingOf, headersOf, joined } from './answer-bytes.ts'
import type { RequestHead } from './request-head.ts'

/** The connection that a request came on. */
export interface LaneLine {
  readonly peer: string | undefined
  /** The answer that begins now is the last on this connection. */
  readonly isLast: boolean
  now(): number
  /** `false`: what was written is still on its way. */
  write(bytes: Uint8Array | string): boolean
  whenDrained(resume: () => void): void
  signedIn(): void
  /** The answer of this request is out: the next may come. */
  over(): void
  break(): void
}

const noHeaders: HeaderValues = {}
const noBody = new Uint8Array(0)

/** A request as the lane carries it: its body has come whole, and its answer goes out in as few writes as may be. */
export class LaneCarried implements Carried {
  readonly method = 'POST'
  readonly complete = true
  url: string
  headers: HeaderValues
  #body: Uint8Array
  readonly #line: LaneLine
  #watcher: GoesAway | undefined
  #state: 'waiting' | 'begun' | 'over' = 'waiting'
  /** The head of the answer until its first bytes, which go out with it. */
  #head = ''
  #framing: Framing = 'none'
  #sent = 0

  constructor(line: LaneLine, head: RequestHead, body: Uint8Array) {
    this.#line = line
    this.url = head.url
    this.headers = head.headers
    this.#body = body
  }

  get peer(): string | undefined {
    return this.#line.peer
  }

  get begun(): boolean {
    return this.#state !== 'waiting'
  }

  readBody(maxBytes?: number): Uint8Array {
    if (maxBytes !== undefined && this.#body.length > maxBytes)
      throw new Failure('limit.exceeded', `the body exceeds ${maxBytes} bytes`)
    return this.#body
  }

  readStart(): Uint8Array {
    return this.#body
  }

  stream(): Uint8Array {
    return this.#body
  }

  forgetHead(): void {
    this.url = ''
    this.headers = noHeaders
    this.#body = noBody
  }

  watch(watcher: GoesAway): void {
    this.#watcher = watcher
    this.#line.signedIn()
    if (this.#state === 'over') watcher.end('gone')
  }

  reply(answer: EasAnswer): void {
    if (this.#state !== 'waiting') {
      if (this.#state === 'begun') this.break()
      return
    }
    const body = answer.body ?? noBody
    const head = this.#headOf(answer.status, headersOf(answer), { bytes: body.length })
    this.#line.write(joined(head, body))
    this.#finish()
  }

  head(status: number, headers: HeaderValues): void {
    if (this.#state !== 'waiting') return
    this.#state = 'begun'
    this.#framing = framingOf(status, headers)
    this.#head = this.#headOf(status, headers, this.#framing)
  }

  piece(bytes: Uint8Array, resume: () => void): boolean {
    if (this.#state !== 'begun' || this.#framing === 'none' || bytes.length === 0) return true
    this.#sent += bytes.length
    const framing = this.#framing
    if (framing !== 'chunks' && this.#sent > framing.bytes) {
      this.break()
      return true
    }
    const size = framing === 'chunks' ? `${bytes.length.toString(16)}\r\n` : ''
    const tail = framing === 'chunks' ? '\r\n' : ''
    const lead = this.#head + size
    // What follows the first piece of a known length needs nothing around it, so it is not copied.
    const flowing = this.#line.write(lead === '' ? bytes : joined(lead, bytes, tail))
    this.#head = ''
    if (!flowing) this.#line.whenDrained(resume)
    return flowing
  }

  end(): void {
    if (this.#state !== 'begun') return
    const framing = this.#framing
    // Less than was announced is not the whole.
    if (typeof framing === 'object' && this.#sent !== framing.bytes) return this.break()
    const rest = framing === 'chunks' ? `${this.#head}0\r\n\r\n` : this.#head
    this.#head = ''
    if (rest !== '') this.#line.write(rest)
    this.#finish()
  }

  break(): void {
    this.#state = 'over'
    this.#line.break()
  }

  /** The connection is gone. */
  gone(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#watcher?.end('gone')
  }

  #headOf(status: number, headers: HeaderValues, framing: Framing): string {
    return answerHead(status, headers, { framing, last: this.#line.isLast, now: this.#line.now() })
  }

  #finish(): void {
    this.#state = 'over'
    this.#watcher = undefined
    this.#line.over()
  }
}
