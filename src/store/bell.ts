import { type Clock, type Instant, systemClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Engine } from './engine.ts'
import { askAgainMs, retryDelayMs, within } from './patience.ts'
import { type AlarmRow, claimAlarms, deferAlarm, deleteAlarm, readNextDue } from './records.ts'

/** What rings for alarms of a kind. */
export type Ring = (subject: string, at: Instant) => Promise<void>

interface Ringing {
  readonly token: string
  readonly done: Promise<void>
}

/** Waits for the next alarm, claims what is due, and rings it. One timer, however many alarms there are. */
export class Bell {
  readonly #engine: Engine
  readonly #rings: ReadonlyMap<string, Ring>
  readonly #clock: Clock
  readonly #log: Log
  readonly #ringing = new Map<string, Ringing>()
  #armed: { readonly due: Instant; readonly cancel: () => void } | undefined
  #looking = false
  #looked: Promise<void> = Promise.resolve()
  #again = false
  #failed = 0
  #stopped = false

  constructor(options: {
    engine: Engine
    rings: ReadonlyMap<string, Ring>
    clock: Clock
    log: Log
  }) {
    this.#engine = options.engine
    this.#rings = options.rings
    this.#clock = options.clock
    this.#log = options.log
  }

  /** There is an alarm at this moment, maybe before the one waited for. */
  arm(due: Instant): void {
    if (this.#stopped || (this.#armed && this.#armed.due <= due)) return
    this.#armed?.cancel()
    this.#armed = undefined
    const ms = due - this.#clock.now()
    if (ms <= 0) {
      this.look()
      return
    }
    const cancel = this.#clock.after(Math.min(ms, limits.alarmLookMs.value), () => {
      this.#armed = undefined
      this.look()
    })
    this.#armed = { due, cancel }
  }

  /** Rings what is due and waits for the next. */
  look(): void {
    if (this.#stopped || this.#rings.size === 0) return
    this.#again = true
    if (!this.#looking) this.#looked = this.#lookAll()
  }

  /** Resolves when nothing rings anymore. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#armed?.cancel()
    const rest = [this.#looked, ...[...this.#ringing.values()].map(({ done }) => done)]
    if (await within(limits.storeStopMs.value, Promise.all(rest))) return
    this.#log.warn('alarm.stuck', { ringing: this.#ringing.size })
  }

  async #lookAll(): Promise<void> {
    this.#looking = true
    while (this.#again && !this.#stopped) {
      this.#again = false
      try {
        await this.#lookOnce()
        this.#failed = 0
      } catch (thrown) {
        this.#log.error('alarm.look', thrown)
        systemClock.after(askAgainMs(this.#failed), () => this.look())
        this.#failed += 1
      }
    }
    this.#looking = false
  }

  async #lookOnce(): Promise<void> {
    // Without what rings here already. Once its lease is over another node may, in case this one hangs.
    const ringing = [...this.#ringing.values()].map(({ token }) => token)
    const which = { kinds: [...this.#rings.keys()], ringing }
    const due = await readNextDue(this.#engine.db, which)
    if (due === undefined || this.#stopped) return
    const now = this.#clock.now()
    if (due > now) {
      this.arm(due)
      return
    }
    const limit = limits.alarmsAtOnce.value - this.#ringing.size
    if (limit <= 0) return
    const until = now + limits.alarmLeaseMs.value
    const { db, profile } = this.#engine
    const rows = await claimAlarms(db, profile, { ...which, now, until, limit })
    for (const row of rows) this.#start(row)
    // With none claimed another node was faster, and its look at the next is as good.
    if (rows.length > 0) this.#again = true
  }

  #start(row: AlarmRow): void {
    const key = JSON.stringify([row.kind, row.subject])
    // The same subject twice: its alarm was replaced while it rang, and the new one waits for the end of the old.
    const before = this.#ringing.get(key)?.done ?? Promise.resolve()
    const done = before
      .then(() => this.#ring(row))
      .then(() => {
        if (this.#ringing.get(key)?.token === row.token) this.#ringing.delete(key)
        this.look()
      })
    this.#ringing.set(key, { token: row.token, done })
  }

  async #ring(row: AlarmRow): Promise<void> {
    const { kind, subject } = row
    const late = systemClock.after(limits.alarmLeaseMs.value, () => {
      this.#log.warn('alarm.slow', { kind, subject })
    })
    try {
      await this.#rings.get(kind)?.(subject, row.at)
      await deleteAlarm(this.#engine.db, row)
    } catch (thrown) {
      const told = { kind, subject, tries: row.tries }
      // A room that stops, or a database that is gone and says so itself: no fault of the ring.
      if (thrown instanceof Failure && thrown.code === 'store.unavailable')
        this.#log.warn('alarm.deferred', told)
      else this.#log.error('alarm.ring', thrown, told)
      await this.#defer(row)
    } finally {
      late()
    }
  }

  async #defer(row: AlarmRow): Promise<void> {
    try {
      const due = this.#clock.now() + retryDelayMs(row.tries - 1)
      await deferAlarm(this.#engine.db, row, due)
    } catch (thrown) {
      // It is due again when its lease is over.
      this.#log.error('alarm.defer', thrown, { kind: row.kind, subject: row.subject })
    }
  }
}
