import { useCallback, useEffect, useRef, useState } from 'react'
import type { ChangeEvent } from '../../src/graph/contract.ts'
import { askWhetherEnded, call, sessionNews } from './api.ts'

/** What the server said last, and what went wrong since. */
export interface Reading<T> {
  readonly value: T | undefined
  readonly thrown: unknown
  again(): void
}

/**
 * Reads `path` now, when it changes, and at each new `tick`, which is the page's own wish. Meanwhile the last value
 * stays; an answer that was overtaken by a later one is dropped.
 */
export function useReading<T>(path: string, tick: number): Reading<T> {
  const [value, setValue] = useState<T>()
  const [thrown, setThrown] = useState<unknown>()
  const order = useRef({ asked: 0, taken: 0 })
  const last = useRef(tick)

  const read = useCallback(
    (unattended: boolean) => {
      const number = ++order.current.asked
      const take = (told: () => void) => {
        if (number < order.current.taken) return
        order.current.taken = number
        told()
      }
      call<T>('GET', path, undefined, { unattended }).then(
        (read) =>
          take(() => {
            setValue(read)
            setThrown(undefined)
          }),
        (error: unknown) => take(() => setThrown(error)),
      )
    },
    [path],
  )
  useEffect(() => {
    read(last.current !== tick)
    last.current = tick
  }, [read, tick])
  return { value, thrown, again: () => read(false) }
}

/** A hundred changes at once are one reading, and no more than two a second. */
const gatherMs = 400
const retryMs = 5000

/**
 * Listens to the server's events: `tick` counts what is worth reading again. A hidden page does not listen, as a browser
 * grants a site few connections; shown again, it reads. A new session begins anew. `heard` is told the kinds of news, and
 * `opened` when some may have been missed.
 */
export function useChanges(
  path: string,
  heard?: (kinds: readonly string[]) => void,
): { tick: number; live: boolean } {
  const [tick, setTick] = useState(0)
  const [live, setLive] = useState(false)
  const hear = useRef(heard)
  useEffect(() => {
    hear.current = heard
  }, [heard])

  useEffect(() => {
    const listening = listen(`/v1.0${path}`, {
      live: setLive,
      changed: () => setTick((count) => count + 1),
      heard: (kinds) => hear.current?.(kinds),
    })
    return () => listening.abort()
  }, [path])
  return { tick, live }
}

interface Ears {
  live(now: boolean): void
  changed(): void
  heard(kinds: readonly string[]): void
}

function listen(url: string, ears: Ears): AbortController {
  const stop = new AbortController()
  let events: EventSource | undefined
  let due: ReturnType<typeof setTimeout> | undefined
  let retry: ReturnType<typeof setTimeout> | undefined

  const open = () => {
    events = new EventSource(url)
    events.addEventListener('open', () => {
      ears.live(true)
      // What changed before it listened was not heard.
      ears.heard(['opened'])
      ears.changed()
    })
    events.addEventListener('message', (event: MessageEvent<string>) => {
      ears.heard(kindsOf(event.data))
      due ??= setTimeout(() => {
        due = undefined
        ears.changed()
      }, gatherMs)
    })
    events.addEventListener('error', () => {
      ears.live(false)
      // The server ends it when the session is over; otherwise a browser comes again by itself, unless it was refused.
      void askWhetherEnded()
      if (events?.readyState === EventSource.CLOSED) retry = setTimeout(begin, retryMs)
    })
  }
  const close = () => {
    clearTimeout(retry)
    events?.close()
    events = undefined
  }
  const seen = () => {
    if (document.hidden) close()
    else if (!events) open()
  }
  const begin = () => {
    close()
    seen()
  }
  document.addEventListener('visibilitychange', seen, { signal: stop.signal })
  sessionNews.addEventListener('begun', begin, { signal: stop.signal })
  seen()
  stop.signal.addEventListener('abort', () => {
    clearTimeout(due)
    close()
  })
  return stop
}

function kindsOf(text: string): readonly string[] {
  const { kinds } = JSON.parse(text) as ChangeEvent // what the contract names
  return kinds
}
