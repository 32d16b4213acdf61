import type { Readable } from 'node:stream'
import type { EasAnswer } from '../mailbox/mailbox.ts'
import type { HeaderValues } from './upstream.ts'

/** Hears that the client has gone. */
export interface GoesAway {
  end(why: 'gone'): void
}

/**
 * One request to the EAS door and the answer to it, whoever carries them: node:http (`node-carried.ts`) or the fast lane
 * (`lane/lane-carried.ts`). The door decides on this and knows no carrier, so what holds for one holds for both.
 */
export interface Carried {
  readonly method: string
  /** The request target as it came. */
  readonly url: string
  /** By lower-case name. */
  readonly headers: HeaderValues
  /** Address of the other end of the connection; `undefined` when it has gone. */
  readonly peer: string | undefined
  /** The body has come to its end. */
  readonly complete: boolean
  /** The body whole. Throws `limit.exceeded` past `maxBytes`, `request.malformed` when it stops halfway or is too slow. */
  readBody(maxBytes?: number): Uint8Array | Promise<Uint8Array>
  /** The first bytes of the body, about `limits.messageStartBytes` of them or all; they stay to be read. */
  readStart(): Uint8Array | Promise<Uint8Array>
  /** The body as it comes, or whole where it has come. */
  stream(): Readable | Uint8Array
  /** The head was read: what is held for long does not keep it. */
  forgetHead(): void
  /** Tells `ending` once when the client goes away. Whoever got this far has signed in. */
  watch(ending: GoesAway): void
  /** Writes an answer and ends it; after half of another one only the broken connection says that it is not whole. */
  reply(answer: EasAnswer): void
  /** An answer has begun to go out. */
  readonly begun: boolean
  /** Begins an answer in pieces; end-to-end headers only. */
  head(status: number, headers: HeaderValues): void
  /** `false` asks to wait until `resume` is called. */
  piece(bytes: Uint8Array, resume: () => void): boolean
  end(): void
  /** Breaks the connection, so that half an answer is never taken for the whole. */
  break(): void
}
