import { type Clock, type Ends, EndsBySecond } from '../../base/clock.ts'
import type { Source } from '../keys.ts'
import type { Ended } from './answer.ts'

/** Why a held request ends; `folders` arrived or changed. */
export type HoldEnd =
  | { readonly kind: 'expired' | 'ended' | 'superseded' | 'stopped' }
  | { readonly kind: 'news'; readonly folders: readonly string[] }

export interface Watch {
  /** One held request per client and kind: the next one ends it. */
  readonly kind: `${'ping' | 'sync'} ${Source}`
  readonly client: string
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

/** Every request that waits for news on this node: one small object and one listener each. */
export interface Holds {
  hold(watch: Watch): Hold
  /** Ends the held request of this client and kind. */
  supersede(kind: Watch['kind'], client: string): void
  wake(watched: string, folder: string, arrived: boolean): void
  readonly count: number
  stop(): void
}

/** Makes the set of held requests of one node. */
export function createHolds(clock: Clock): Holds {
  const byKind = new Map<Watch['kind'], Map<string, Waiting>>()
  const ends = new EndsBySecond<Waiting>(clock)
  const of = (kind: Watch['kind']) => {
    const known = byKind.get(kind)
    if (known) return known
    const fresh = new Map<string, Waiting>()
    byKind.set(kind, fresh)
    return fresh
  }
  const byWatched = new Map<string, Waiting[]>()
  let stopped = false

  const forget = (waiting: Waiting) => {
    ends.delete(waiting)
    const { kind, client, watched } = waiting.watch
    if (of(kind).get(client) === waiting) of(kind).delete(client)
    if (watched === undefined) return
    const rest = (byWatched.get(watched) ?? []).filter((other) => other !== waiting)
    if (rest.length === 0) byWatched.delete(watched)
    else byWatched.set(watched, rest)
  }

  return {
    hold(watch) {
      const { kind, client } = watch
      of(kind).get(client)?.release({ kind: 'superseded' })
      const waiting = new Waiting(watch, forget)
      ends.add(waiting, watch.ms)
      if (stopped) waiting.release({ kind: 'stopped' })
      else if (watch.ended.aborted) waiting.release({ kind: 'ended' })
      else {
        of(kind).set(client, waiting)
        const { watched } = watch
        if (watched !== undefined) {
          byWatched.set(watched, [...(byWatched.get(watched) ?? []), waiting])
        }
      }
      return waiting
    },
    supersede: (kind, client) => of(kind).get(client)?.release({ kind: 'superseded' }),
    wake(watched, folder, arrived) {
      for (const waiting of byWatched.get(watched) ?? []) {
        const { arrivalsOnly, folders } = waiting.watch
        if ((arrived || !arrivalsOnly) && folders.includes(folder)) {
          waiting.release({ kind: 'news', folders: [folder] })
        }
      }
    },
    get count() {
      return [...byKind.values()].reduce((sum, held) => sum + held.size, 0)
    },
    stop() {
      stopped = true
      // Each one leaves the map as it ends, which a Map's iteration allows.
      for (const held of byKind.values())
        for (const waiting of held.values()) waiting.release({ kind: 'stopped' })
    },
  }
}

/** The end as a promise, for who waits for one after another. */
export function endOf(hold: Hold): Promise<HoldEnd> {
  return new Promise((resolve) => hold.hear({ over: resolve }))
}

// A listener object instead of closures and promises: ten thousand of these are held at once.
class Waiting implements Hold, Ends {
  readonly watch: Watch
  second = 0
  readonly #forget: (waiting: Waiting) => void
  #ear: HoldEar | undefined
  #end: HoldEnd | undefined

  constructor(watch: Watch, forget: (waiting: Waiting) => void) {
    this.watch = watch
    this.#forget = forget
    watch.ended.addEventListener('abort', this)
  }

  hear(ear: HoldEar): void {
    if (this.#end) ear.over(this.#end)
    else this.#ear = ear
  }

  handleEvent(): void {
    this.release({ kind: 'ended' })
  }

  late(): void {
    this.release({ kind: 'expired' })
  }

  release(end: HoldEnd): void {
    if (this.#end) return
    this.#end = end
    this.watch.ended.removeEventListener('abort', this)
    this.#forget(this)
    this.#ear?.over(end)
  }
}
