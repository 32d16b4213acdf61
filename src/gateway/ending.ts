import type { ServerResponse } from 'node:http'
import { limits } from '../base/limits.ts'

/** Why a request may not go on. */
export type Why = 'withdrawn' | 'stopping' | 'gone'

/**
 * The end of one request, whichever comes first: its admission is withdrawn, the client goes away, or we stop. One small
 * object instead of three closures, since ten thousand Pings hold one each.
 */
export class Ending {
  why: Why | undefined
  readonly #withdrawn: AbortSignal
  readonly #all: Set<Ending>
  #controller: AbortController | undefined
  #ring: ((why: Why) => void) | undefined

  /** `all` holds every request under way, for stopping them. */
  constructor(withdrawn: AbortSignal, res: ServerResponse, all: Set<Ending>) {
    this.#withdrawn = withdrawn
    this.#all = all
    all.add(this)
    withdrawn.addEventListener('abort', this)
    // Taken now: a request that was broken off has lost it by the time of its close.
    const { socket } = res.req
    res.once('close', () => {
      // Whoever got this far has signed in: the connection may wait for the phone's next request.
      socket.setTimeout(limits.keepAliveMs.value)
      this.end('gone')
    })
    if (withdrawn.aborted) this.end('withdrawn')
  }

  /** Called by the withdrawn signal. */
  handleEvent(): void {
    this.end('withdrawn')
  }

  end(why: Why): void {
    if (this.why) return
    this.why = why
    this.#ring?.(why)
    this.#controller?.abort()
  }

  /** Calls `ring` once, at the end; at once when it has come already. */
  ring(ring: (why: Why) => void): void {
    this.#ring = ring
    if (this.why) ring(this.why)
  }

  /** The same as a signal, made when asked for. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.why) this.#controller.abort()
    }
    return this.#controller.signal
  }

  /** The request was answered: nothing ends it any more. */
  release(): void {
    this.#withdrawn.removeEventListener('abort', this)
    this.#all.delete(this)
    this.#ring = undefined
  }
}
