import { type Clock, endTurn, systemClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Cursors } from './cursors.ts'
import type { Engine } from './engine.ts'
import type { Follow, Follower } from './journal.ts'
import { askAgainMs, rest, retryDelayMs, within } from './patience.ts'
import { Progress } from './progress.ts'
import { type EntryRow, readCursor, readEntries, readHead } from './records.ts'

/**
 * How long entries are taken in one turn of the event loop. An embedded database answers without leaving the turn, so a
 * long row of news would let nobody else in: no request, and no other follower.
 */
const turnMs = 10

/** One reader of the journal: takes entry after entry, and knows how far what it knows can be trusted. */
export class JournalFollower implements Follower {
  readonly follow: Follow
  readonly #engine: Engine
  readonly #cursors: Cursors
  readonly #clock: Clock
  readonly #log: Log
  readonly #progress: Progress
  readonly #stopping = new AbortController()
  /** Aborted at the stop and when another node may act under this name; undefined without the right to act. */
  #right: AbortController | undefined
  /** The cursor was read since this node got the right. */
  #placed = false
  #release: () => Promise<void> = async () => {}
  #running: Promise<void> = Promise.resolve()
  #wake = () => {}
  #news = true
  #deaf = false

  constructor(options: {
    follow: Follow
    engine: Engine
    cursors: Cursors
    clock: Clock
    log: Log
  }) {
    this.follow = options.follow
    this.#engine = options.engine
    this.#cursors = options.cursors
    this.#clock = options.clock
    this.#log = options.log
    this.#progress = new Progress(0)
  }

  /** Reads where to begin, and begins. */
  async start(): Promise<void> {
    const at = this.#clock.now()
    const head = await readHead(this.#engine.db)
    if (!this.follow.durable) this.#progress.moveTo(head)
    this.hear(head, at)
    if (this.follow.durable)
      this.#release = this.#engine.seek(this.follow.name, (held) => this.#told(held))
    else this.#told(true)
    this.#running = this.#run()
  }

  /** This node committed `first` to `last`, entries of these kinds; see `Progress.committed`. */
  committed(first: number, last: number, kinds: ReadonlySet<string>, at: number): void {
    const taken = !this.follow.kinds.some((kind) => kinds.has(kind))
    this.#progress.committed(first, last, at, taken && this.#placed)
    if (this.#progress.behind) this.#wakeUp()
    else if (this.follow.durable) this.#cursors.noteIdle(this.follow.name, last)
  }

  /** See `Engine.watch`. */
  hear(head: number, at: number): void {
    this.#progress.hear(head, at)
    if (this.#progress.behind) this.#wakeUp()
  }

  freshAt(): number {
    const progress = this.#progress
    if (!this.#engine.headNow) return progress.fresh
    const now = this.#clock.now()
    const age = now - progress.fresh
    if (!progress.behind && age >= 0 && age < limits.journalAskMs.value) return progress.fresh
    try {
      progress.head = Math.max(progress.head, this.#engine.headNow())
      this.#deaf = false
      if (progress.behind) this.#wakeUp()
      else progress.fresh = now
    } catch (thrown) {
      // The answer stands still, as it should. Said once, since a door asks with every request.
      if (!this.#deaf) this.#log.error('journal.deaf', thrown, { follower: this.follow.name })
      this.#deaf = true
    }
    return progress.fresh
  }

  async caughtUp(): Promise<void> {
    const head = await readHead(this.#engine.db)
    if (this.#stopping.signal.aborted) throw this.#stopped()
    const reached = this.#progress.reached(head)
    if (this.#progress.behind) this.#wakeUp()
    await reached
  }

  async stop(): Promise<void> {
    if (!this.#stopping.signal.aborted) {
      this.#stopping.abort()
      this.#right?.abort()
      this.#progress.end(this.#stopped())
      this.#wake()
    }
    const quiet = await within(limits.storeStopMs.value, this.#running)
    if (!quiet) this.#log.warn('journal.stuck', { follower: this.follow.name })
    if (!this.follow.durable) return
    // Saved before another node may act, or that node would take the last entries again.
    await this.#cursors.settle()
    await this.#release()
  }

  #stopped(): Failure {
    return new Failure('store.unavailable', `follower ${this.follow.name} is stopped`)
  }

  #told(held: boolean): void {
    this.#right?.abort()
    this.#right = held ? new AbortController() : undefined
    this.#placed = !this.follow.durable
    this.#wakeUp()
  }

  #wakeUp(): void {
    this.#news = true
    this.#wake()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    for (let failed = 0; !signal.aborted; ) {
      if (!this.#news) await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#news = false
      try {
        if (this.#right) await this.#take(this.#right.signal)
        else if (!signal.aborted) await this.#lookOn()
        failed = 0
      } catch (thrown) {
        this.#log.error('journal.read', thrown, { follower: this.follow.name })
        this.#news = true
        await rest(systemClock, askAgainMs(failed), signal)
        failed += 1
      }
    }
  }

  /** Takes what is there, page by page, until this node is up to date or may not go on. */
  async #take(signal: AbortSignal): Promise<void> {
    const { name, kinds, durable } = this.follow
    const progress = this.#progress
    if (!this.#placed) {
      progress.moveTo(await readCursor(this.#engine.db, name))
      this.#placed = !signal.aborted
    }
    const limit = limits.journalPage.value
    let turn = systemClock.now()
    while (progress.behind && !signal.aborted) {
      const upTo = progress.head
      const range = { kinds, after: progress.cursor, upTo, limit }
      const rows = await readEntries(this.#engine.db, range)
      for (const row of rows) {
        if (!(await this.#takeOne(row, signal))) return
        progress.moveTo(row.seq)
        if (durable) this.#cursors.note(name, row.seq)
        if (systemClock.now() - turn < turnMs) continue
        await endTurn()
        turn = systemClock.now()
      }
      if (rows.length === limit) continue
      progress.moveTo(upTo)
      if (durable) this.#cursors.noteIdle(name, upTo)
    }
  }

  /** Tries until the entry is taken; false when this node must stop before that. */
  async #takeOne(row: EntryRow, signal: AbortSignal): Promise<boolean> {
    const { seq, kind, at } = row
    const about = { follower: this.follow.name, seq, kind }
    for (let tries = 0; !signal.aborted; tries++) {
      const late = systemClock.after(limits.journalLagMs.value, () =>
        this.#log.warn('journal.slow', about),
      )
      try {
        await this.follow.take({ seq, kind, at, body: JSON.parse(row.body) })
        return true
      } catch (thrown) {
        this.#log.error('journal.take', thrown, { ...about, tries: tries + 1 })
      } finally {
        late()
      }
      await rest(this.#clock, retryDelayMs(tries), signal)
    }
    return false
  }

  /** Another node has the right: this one only looks how far that one is. */
  async #lookOn(): Promise<void> {
    const progress = this.#progress
    const upTo = progress.head
    const saved = await readCursor(this.#engine.db, this.follow.name)
    const after = Math.max(saved, progress.cursor)
    const range = { kinds: this.follow.kinds, after, upTo, limit: 1 }
    const [pending] = await readEntries(this.#engine.db, range)
    progress.moveTo(pending ? pending.seq - 1 : upTo)
  }
}
