import type { Carried } from './carried.ts'

/** Why a request may not go on. */
export type Why = 'withdrawn' | 'stopping' | 'gone'

/** Every request under way. Once we stop, those that were already on their way to us end as they come in. */
export class UnderWay {
  readonly #endings = new Set<Ending>()
  #stopping = false

  get count(): number {
    return this.#endings.size
  }

  add(ending: Ending): void {
    this.#endings.add(ending)
    if (this.#stopping) ending.end('stopping')
  }

  delete(ending: Ending): void {
    this.#endings.delete(ending)
  }

  stop(): void {
    this.#stopping = true
    for (const ending of this.#endings) ending.end('stopping')
  }
}

/**
 * The end of one request, whichever comes first: its admission is withdrawn, the client goes away, or we stop. One small
 * object instead of three closures, since ten thousand Pings hold one each.
 */
export class Ending {
  why: Why | undefined
  readonly #withdrawn: AbortSignal
  readonly #all: UnderWay
  #controller: AbortController | undefined
  #ring: ((why: Why) => void) | undefined

  constructor(withdrawn: AbortSignal, carried: Pick<Carried, 'watch'>, all: UnderWay) {
    this.#withdrawn = withdrawn
    this.#all = all
    withdrawn.addEventListener('abort', this)
    carried.watch(this)
    if (withdrawn.aborted) this.end('withdrawn')
    all.add(this)
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
