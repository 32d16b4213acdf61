import type { Clock } from '../../base/clock.ts'
import type { Ended } from './answer.ts'

/** Why a held request ends; `folders` arrived or changed. */
export type HoldEnd =
  | { readonly kind: 'expired' | 'ended' | 'superseded' | 'stopped' }
  | { readonly kind: 'news'; readonly folders: readonly string[] }

export interface Watch {
  /** One held request per client and kind: the next one ends it. */
  readonly key: string
  /** Whose news wakes it. */
  readonly watched: string | undefined
  /** Collections that it asks about. */
  readonly folders: readonly string[]
  /** Only arrivals wake a Ping; any change wakes a Sync. */
  readonly arrivalsOnly: boolean
  readonly ms: number
  readonly ended: Ended
}

/** Hears how a held request ends. */
export interface HoldEar {
  over(end: HoldEnd): void
}

export interface Hold {
  /** Tells `ear` the end, at once where it has come; there is one ear. */
  hear(ear: HoldEar): void
  /** Ends it now, if it still holds. */
  release(end: HoldEnd): void
}

/** Every request that waits for news on this node: one small object, one timer and one listener each. */
export interface Holds {
  hold(watch: Watch): Hold
  /** Ends the held request of this key. */
  supersede(key: string): void
  wake(watched: string, folder: string, arrived: boolean): void
  readonly count: number
  stop(): void
}

/** Makes the set of held requests of one node. */
export function createHolds(clock: Clock): Holds {
  const byKey = new Map<string, Waiting>()
  const byWatched = new Map<string, Waiting[]>()
  let stopped = false

  const forget = (waiting: Waiting) => {
    if (byKey.get(waiting.watch.key) === waiting) byKey.delete(waiting.watch.key)
    const { watched } = waiting.watch
    if (watched === undefined) return
    const rest = (byWatched.get(watched) ?? []).filter((other) => other !== waiting)
    if (rest.length === 0) byWatched.delete(watched)
    else byWatched.set(watched, rest)
  }

  return {
    hold(watch) {
      byKey.get(watch.key)?.release({ kind: 'superseded' })
      const waiting = new Waiting(watch, clock, forget)
      if (stopped) waiting.release({ kind: 'stopped' })
      else if (watch.ended.aborted) waiting.release({ kind: 'ended' })
      else {
        byKey.set(watch.key, waiting)
        const { watched } = watch
        if (watched !== undefined) {
          byWatched.set(watched, [...(byWatched.get(watched) ?? []), waiting])
        }
      }
      return waiting
    },
    supersede: (key) => byKey.get(key)?.release({ kind: 'superseded' }),
    wake(watched, folder, arrived) {
      for (const waiting of byWatched.get(watched) ?? []) {
        const { arrivalsOnly, folders } = waiting.watch
        if ((arrived || !arrivalsOnly) && folders.includes(folder)) {
          waiting.release({ kind: 'news', folders: [folder] })
        }
      }
    },
    get count() {
      return byKey.size
    },
    stop() {
      stopped = true
      // Each one leaves the map as it ends, which a Map's iteration allows.
      for (const waiting of byKey.values()) waiting.release({ kind: 'stopped' })
    },
  }
}

/** The end as a promise, for who waits for one after another. */
export function endOf(hold: Hold): Promise<HoldEnd> {
  return new Promise((resolve) => hold.hear({ over: resolve }))
}

// A listener object instead of closures and promises: ten thousand of these are held at once.
class Waiting implements Hold {
  readonly watch: Watch
  readonly #cancel: () => void
  readonly #forget: (waiting: Waiting) => void
  #ear: HoldEar | undefined
  #end: HoldEnd | undefined

  constructor(watch: Watch, clock: Clock, forget: (waiting: Waiting) => void) {
    this.watch = watch
    this.#forget = forget
    watch.ended.addEventListener('abort', this)
    this.#cancel = clock.after(watch.ms, () => this.release({ kind: 'expired' }))
  }

  hear(ear: HoldEar): void {
    if (this.#end) ear.over(this.#end)
    else this.#ear = ear
  }

  handleEvent(): void {
    this.release({ kind: 'ended' })
  }

  release(end: HoldEnd): void {
    if (this.#end) return
    this.#end = end
    this.#cancel()
    this.watch.ended.removeEventListener('abort', this)
    this.#forget(this)
    this.#ear?.over(end)
  }
}
