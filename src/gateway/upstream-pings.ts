import type { Clock } from '../base/clock.ts'
import { asFailure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { EasRequest } from '../wire/eas/request.ts'
import { Ping } from '../wire/wbxml/tokens.ts'
import { element, skimTexts, writeWbxml } from '../wire/wbxml/wbxml.ts'
import type { Waiting } from './new-mail.ts'
import { ownRequest } from './own-request.ts'
import { ask, type Upstream, type UpstreamAnswer } from './upstream.ts'

/** Short Pings of our own to the upstream, a few at a time, in turn. */
export interface UpstreamPings {
  /** Once, before all others. */
  confirm(waiting: Waiting): void
  /** Again and again, from now on. */
  rotate(waiting: Waiting): void
  /** Another source tells most of it: rotate only if `more` is to be known, and not before a full turn's rest. */
  rest(waiting: Waiting, more: boolean): void
  drop(waiting: Waiting): void
  stop(): void
}

interface Parts {
  readonly upstream: Upstream
  readonly clock: Clock
  readonly log: Log
}

/**
 * Each short Ping keeps a worker of the mail server busy for a moment, so at most `limits.upstreamPings` run at once, and
 * every waiting Ping has its turn before any has a second one.
 */
export function createUpstreamPings(parts: Parts): UpstreamPings {
  return new Rotation(parts)
}

class Rotation implements UpstreamPings {
  readonly #parts: Parts
  readonly #urgent = new Set<Waiting>()
  /** In line, in the order of coming. */
  readonly #ready = new Set<Waiting>()
  /** After their turn, with what cancels the wait. */
  readonly #resting = new Map<Waiting, () => void>()
  readonly #rotating = new Set<Waiting>()
  readonly #end = new AbortController()
  /** The shortest that the upstream takes; Status 5 teaches us. */
  #heartbeatSeconds = 1
  #running = 0
  #broken = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  confirm(waiting: Waiting): void {
    this.#urgent.add(waiting)
    this.#run()
  }

  rotate(waiting: Waiting): void {
    this.#wake(waiting)
    this.#rotating.add(waiting)
    this.#ready.add(waiting)
    this.#run()
  }

  rest(waiting: Waiting, more: boolean): void {
    this.#wake(waiting)
    this.#ready.delete(waiting)
    this.#rotating.delete(waiting)
    if (!more) return
    this.#rotating.add(waiting)
    this.#layDown(waiting)
  }

  drop(waiting: Waiting): void {
    this.#wake(waiting)
    this.#urgent.delete(waiting)
    this.#ready.delete(waiting)
    this.#rotating.delete(waiting)
  }

  stop(): void {
    this.#end.abort()
  }

  #run(): void {
    while (this.#running < limits.upstreamPings.value && !this.#end.signal.aborted) {
      const [waiting] = this.#urgent.size > 0 ? this.#urgent : this.#ready
      if (!waiting) return
      this.#urgent.delete(waiting)
      this.#ready.delete(waiting)
      this.#running += 1
      void this.#check(waiting)
    }
  }

  async #check(waiting: Waiting): Promise<void> {
    const { upstream, log } = this.#parts
    const { signal } = this.#end
    try {
      this.#take(waiting, await ask(upstream, shortPing(waiting, this.#heartbeatSeconds), signal))
      this.#broken = false
    } catch (thrown) {
      // The Ping goes on being held: no news is what a client can bear best while the mail server is away.
      if (!this.#broken && !signal.aborted)
        log.warn('upstream.ping', { detail: asFailure(thrown).detail })
      this.#broken = true
    } finally {
      this.#running -= 1
      this.#layDown(waiting)
      this.#run()
    }
  }

  #take(waiting: Waiting, answer: UpstreamAnswer): void {
    const { status, folders, heartbeat } = readAnswer(answer)
    if (status === '2') {
      const known = folders.filter((id) => waiting.folders.some((folder) => folder.id === id))
      if (known.length > 0) waiting.changed(known)
    }
    if (status === '7') waiting.hierarchyChanged()
    const longer = heartbeat > this.#heartbeatSeconds && heartbeat <= limits.pingMaxSeconds.value
    if (status !== '5' || !longer) return
    this.#heartbeatSeconds = heartbeat
    this.#parts.log.info('upstream.heartbeat', { seconds: heartbeat })
    if (this.#rotating.has(waiting)) this.#ready.add(waiting)
    else if (!waiting.ended) this.#urgent.add(waiting)
  }

  #layDown(waiting: Waiting): void {
    const idle = !this.#resting.has(waiting) && !this.#ready.has(waiting)
    if (!this.#rotating.has(waiting) || !idle) return
    const cancel = this.#parts.clock.after(limits.upstreamPingEveryMs.value, () => {
      this.#resting.delete(waiting)
      this.#ready.add(waiting)
      this.#run()
    })
    this.#resting.set(waiting, cancel)
  }

  #wake(waiting: Waiting): void {
    this.#resting.get(waiting)?.()
    this.#resting.delete(waiting)
  }
}

/** The client's Ping under its own name, but short. */
function shortPing(waiting: Waiting, heartbeatSeconds: number) {
  const request: EasRequest = { ...waiting.request, command: 'Ping' }
  const folders = waiting.folders.map((folder) =>
    element(Ping.Folder, element(Ping.Id, folder.id), element(Ping.Class, folder.class)),
  )
  const body = element(
    Ping.Ping,
    element(Ping.HeartbeatInterval, heartbeatSeconds),
    element(Ping.Folders, ...folders),
  )
  return ownRequest({ ...waiting, request }, writeWbxml(body), heartbeatSeconds)
}

function readAnswer(answer: UpstreamAnswer): {
  status: string
  folders: readonly string[]
  heartbeat: number
} {
  if (answer.status !== 200 || answer.body.length === 0)
    return { status: '', folders: [], heartbeat: 0 }
  return {
    status: skimTexts(answer.body, Ping.Status)[0] ?? '',
    folders: skimTexts(answer.body, Ping.Folder),
    heartbeat: Number(skimTexts(answer.body, Ping.HeartbeatInterval)[0] ?? 0),
  }
}
