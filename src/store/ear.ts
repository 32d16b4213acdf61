import { Client } from 'pg'
import { type Clock, type Instant, systemClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { askAgainMs, rest, within } from './patience.ts'
import { channel, clientOptions, codedPostgres } from './postgres-client.ts'
import { createQueue } from './queue.ts'

type Hear = (head: number, at: Instant) => void

/**
 * The connection by which a node hears of the others and holds its rights. One connection for both, so that a node that
 * cannot hear does not act either. A notification only makes it look sooner; the heartbeat tells the truth.
 */
export interface Ear {
  start(hear: Hear): void
  /** See `Engine.seek`. */
  seek(name: string, told: (held: boolean) => void): () => Promise<void>
  stop(): Promise<void>
}

interface Seeker {
  readonly told: (held: boolean) => void
  held: boolean
}

/** The ear of one node. */
export function createEar(options: { url: string; node: string; clock: Clock; log: Log }): Ear {
  return new PostgresEar(options)
}

class PostgresEar implements Ear {
  readonly #url: string
  readonly #node: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #seekers = new Map<string, Seeker>()
  readonly #stopping = new AbortController()
  // A connection answers one question at a time.
  readonly #asking = createQueue(() => {})
  #hear: Hear = () => {}
  #client: Client | undefined
  #poke = () => {}
  #poked = false
  #running: Promise<void> = Promise.resolve()

  constructor(options: { url: string; node: string; clock: Clock; log: Log }) {
    this.#url = options.url
    this.#node = options.node
    this.#clock = options.clock
    this.#log = options.log
  }

  start(hear: Hear): void {
    this.#hear = hear
    this.#running = this.#run()
  }

  seek(name: string, told: (held: boolean) => void): () => Promise<void> {
    const seeker: Seeker = { told, held: false }
    this.#seekers.set(name, seeker)
    this.#lookSoon()
    return async () => {
      this.#seekers.delete(name)
      const client = this.#client
      if (seeker.held && client) await this.#unlock(client, name)
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#lookSoon()
    await within(limits.storeStopMs.value, this.#running)
  }

  #lookSoon(): void {
    this.#poked = true
    this.#poke()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    for (let failed = 0; !signal.aborted; ) {
      try {
        await this.#listen(() => {
          failed = 0
        })
      } catch (thrown) {
        this.#log.error('store.ear', codedPostgres(thrown))
      }
      await rest(systemClock, askAgainMs(failed), signal)
      failed += 1
    }
  }

  /** Hears until the stop, or throws when the connection is lost. */
  async #listen(heard: () => void): Promise<void> {
    const client = new Client({
      ...clientOptions(this.#url),
      connectionTimeoutMillis: limits.storeSilenceMs.value,
    })
    // A lost connection also fails the statement in flight; between two of them the poke makes the next one fail.
    client.on('error', () => this.#lookSoon())
    client.on('end', () => this.#lookSoon())
    client.on('notification', ({ payload }) => {
      if (payload !== this.#node) this.#lookSoon()
    })
    try {
      await client.connect()
      this.#client = client
      await this.#ask(client, sessionSql)
      await this.#ask(client, `listen ${channel}`)
      while (!this.#stopping.signal.aborted) {
        this.#poked = false
        const at = this.#clock.now()
        const [row] = await this.#ask(client, 'select max(seq) as head from journal')
        this.#hear(Number(row?.['head'] ?? 0), at)
        heard()
        await this.#tryLocks(client)
        if (!this.#poked) await this.#beat()
      }
    } finally {
      this.#client = undefined
      for (const seeker of this.#seekers.values()) this.#tell(seeker, false)
      await this.#close(client)
    }
  }

  /** Until something pokes, or for one heartbeat. */
  async #beat(): Promise<void> {
    let cancel = () => {}
    await new Promise<void>((resolve) => {
      this.#poke = resolve
      cancel = systemClock.after(limits.storeHeartbeatMs.value, resolve)
    })
    cancel()
  }

  async #tryLocks(client: Client): Promise<void> {
    for (const [name, seeker] of this.#seekers) {
      if (seeker.held) continue
      const [row] = await this.#ask(client, `select pg_try_advisory_lock(${lockKey}) as held`, [
        name,
      ])
      if (row?.['held'] !== true) continue
      if (this.#seekers.get(name) === seeker) this.#tell(seeker, true)
      else await this.#unlock(client, name)
    }
  }

  #tell(seeker: Seeker, held: boolean): void {
    if (seeker.held === held) return
    seeker.held = held
    seeker.told(held)
  }

  async #unlock(client: Client, name: string): Promise<void> {
    try {
      // The notification has the next node take over at once.
      const sql = `select pg_advisory_unlock(${lockKey}), pg_notify('${channel}', $2)`
      await this.#ask(client, sql, [name, this.#node])
    } catch (thrown) {
      // The right ends with the connection, then.
      this.#log.error('store.ear', codedPostgres(thrown))
      await this.#close(client)
    }
  }

  async #ask(
    client: Client,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Record<string, unknown>[]> {
    const leave = await this.#asking.enter()
    try {
      const answer = client.query<Record<string, unknown>>(text, [...values])
      if (await within(limits.storeSilenceMs.value, answer)) return (await answer).rows
      throw new Failure('store.unavailable', 'PostgreSQL is silent')
    } finally {
      leave()
    }
  }

  async #close(client: Client): Promise<void> {
    const ended = client.end().catch((thrown: unknown) => {
      this.#log.error('store.ear', codedPostgres(thrown))
    })
    await within(limits.storeHeartbeatMs.value, ended)
  }
}

const lockKey = `hashtextextended(coalesce(current_schema(), '') || ':' || $1, 1)`

// A node that froze or lost its network must not keep its rights: the server ends a session that has said nothing for
// ten heartbeats. Older servers than 14 only notice a dead network.
const sessionSql = `select set_config(name, case name when 'idle_session_timeout' then '10000'
    when 'tcp_keepalives_count' then '3' else '3' end, false)
  from pg_settings where name in
    ('idle_session_timeout', 'tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count')`
