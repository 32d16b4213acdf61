import type { Admission, Ear } from '../access/gate.ts'
import type { Ended } from '../mailbox/mailbox.ts'
import type { Carried } from './carried.ts'

/** Why a request may not go on. */
export type Why = 'withdrawn' | 'stopping' | 'gone'

/** Hears of the end of a request. */
export interface Bell {
  rung(why: Why): void
}

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
export class Ending implements Ear, Ended {
  why: Why | undefined
  readonly #all: UnderWay
  #listeners: { handleEvent(): void }[] | undefined
  #bell: Bell | undefined

  constructor(admission: Pick<Admission, 'heed'>, carried: Pick<Carried, 'watch'>, all: UnderWay) {
    this.#all = all
    carried.watch(this)
    admission.heed(this)
    all.add(this)
  }

  /** Called by the admission. */
  withdrawn(): void {
    this.end('withdrawn')
  }

  end(why: Why): void {
    if (this.why) return
    this.why = why
    // The bell may answer the request, which takes the listeners off.
    const listeners = this.#listeners ?? []
    this.#listeners = undefined
    this.#bell?.rung(why)
    for (const listener of listeners) listener.handleEvent()
  }

  /** Rings `bell` once, at the end; at once when it has come already. There is one bell. */
  ring(bell: Bell): void {
    this.#bell = bell
    if (this.why) bell.rung(this.why)
  }

  get aborted(): boolean {
    return this.why !== undefined
  }

  /** Hears of the end after the bell did. */
  addEventListener(_type: 'abort', listener: { handleEvent(): void }): void {
    this.#listeners = [...(this.#listeners ?? []), listener]
  }

  removeEventListener(_type: 'abort', listener: { handleEvent(): void }): void {
    this.#listeners = this.#listeners?.filter((other) => other !== listener)
  }

  /** The request was answered: nothing ends it any more. */
  release(): void {
    this.#all.delete(this)
    this.#bell = undefined
    this.#listeners = undefined
  }
}
