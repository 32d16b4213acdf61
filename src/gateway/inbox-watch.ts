import type { ImapFlow } from 'imapflow'
import { type Clock, second, sleep } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { type ImapAddress, nameOf, openClient } from './imap-client.ts'
import type { Waiting } from './new-mail.ts'
import { createTurns, type Turns } from './turns.ts'

/** What a watch tells one waiting Ping. */
export interface InboxListener {
  /** From now on every change will be told. */
  ready(): void
  /** Something may have changed before the watch began: ask elsewhere, once. */
  unsure(): void
  changed(): void
  /** The watch broke: ask elsewhere until `ready`. */
  lost(): void
}

/** One IMAP connection in IDLE per user, shared by all of the user's Pings. */
export interface InboxWatches {
  join(waiting: Waiting, listener: InboxListener): void
  leave(waiting: Waiting): void
  moment(): number
  stop(): Promise<void>
}

interface Parts {
  readonly imap: ImapAddress
  readonly clock: Clock
  readonly log: Log
}

/** Opens, shares and ends the watches; each lingers a little after its last Ping, over the Sync that follows. */
export function createInboxWatches({ imap, clock, log }: Parts): InboxWatches {
  const watches = new Map<string, InboxWatch>()
  const time = { moment: 0, warned: false }
  const turns = createTurns(limits.imapConnects.value)
  return {
    join(waiting, listener) {
      let watch = watches.get(waiting.user)
      if (!watch) {
        if (watches.size >= limits.imapWatches.value) return listener.lost()
        const forget = () => watches.delete(waiting.user)
        watch = new InboxWatch(waiting.user, { imap, clock, log, time, turns, forget })
        watches.set(waiting.user, watch)
      }
      watch.join(waiting, listener)
    },
    leave: (waiting) => watches.get(waiting.user)?.leave(waiting),
    moment: () => time.moment,
    async stop() {
      await Promise.all([...watches.values()].map((watch) => watch.end()))
    },
  }
}

interface Shared extends Parts {
  /** `moment` counts changes and beginnings of all watches; `warned`: the log knows that IMAP is away. */
  readonly time: { moment: number; warned: boolean }
  /** Sign-ins at once. */
  readonly turns: Turns
  readonly forget: () => void
}

class InboxWatch {
  readonly #user: string
  readonly #shared: Shared
  readonly #members = new Map<Waiting, InboxListener>()
  #client: ImapFlow | undefined
  /** Moment since which every change was heard; `undefined` while not connected. */
  #since: number | undefined
  #changedAt = 0
  #state: 'new' | 'connecting' | 'watching' | 'resting' = 'new'
  #ended = false
  #cancel: (() => void) | undefined

  constructor(user: string, shared: Shared) {
    this.#user = user
    this.#shared = shared
  }

  join(waiting: Waiting, listener: InboxListener): void {
    this.#members.set(waiting, listener)
    if (this.#state === 'resting') return listener.lost()
    this.#cancel?.()
    if (this.#since !== undefined) this.#tell(waiting, listener)
    else if (this.#state === 'new') void this.#connect(waiting)
  }

  leave(waiting: Waiting): void {
    if (!this.#members.delete(waiting) || this.#members.size > 0) return
    // At rest the next try ends it, if it is still alone then.
    if (this.#state === 'resting') return
    this.#later(limits.imapLingerMs.value, () => void this.end())
  }

  async end(): Promise<void> {
    this.#ended = true
    this.#cancel?.()
    this.#shared.forget()
    this.#client?.close()
  }

  #later(ms: number, ring: () => void): void {
    this.#cancel?.()
    this.#cancel = this.#shared.clock.after(ms, ring)
  }

  /** Compares what the client has synced with what was heard. */
  #tell(waiting: Waiting, listener: InboxListener): void {
    listener.ready()
    const { syncedAt } = waiting
    if (syncedAt === undefined || syncedAt < (this.#since ?? 0)) listener.unsure()
    else if (this.#changedAt > syncedAt) listener.changed()
  }

  async #connect(waiting: Waiting): Promise<void> {
    const { imap, log, time } = this.#shared
    this.#state = 'connecting'
    this.#cancel?.()
    try {
      const client = await openClient(imap, this.#user, waiting.authorization)
      this.#client = client
      client.on('close', () => {
        if (this.#client === client) this.#lost()
      })
      // Without a listener an error event would end the process.
      client.on('error', (error) => log.warn('imap.watch', { cause: nameOf(error) }))
      await this.#shared.turns.run(async () => {
        await client.connect()
        await client.mailboxOpen('INBOX', { readOnly: true })
      })
      if (this.#ended) return client.close()
      this.#state = 'watching'
      time.warned = false
      time.moment += 1
      this.#since = time.moment
      this.#changedAt = time.moment
      for (const event of ['exists', 'expunge', 'flags'] as const)
        client.on(event, () => this.#changed())
      for (const [member, listener] of this.#members) this.#tell(member, listener)
      void this.#idle(client)
    } catch (thrown) {
      // Once, not for every user and every try.
      if (!time.warned) log.warn('imap.unavailable', { cause: nameOf(thrown) })
      time.warned = true
      this.#lost()
    }
  }

  async #idle(client: ImapFlow): Promise<void> {
    const { clock } = this.#shared
    try {
      while (client.usable && !this.#ended) {
        const begun = clock.now()
        await client.idle()
        // A server that ends IDLE at once must not keep us spinning.
        if (clock.now() - begun < second) await sleep(clock, second)
      }
    } catch (thrown) {
      this.#shared.log.warn('imap.idle', { cause: nameOf(thrown) })
      client.close()
    }
  }

  #changed(): void {
    const { time } = this.#shared
    time.moment += 1
    this.#changedAt = time.moment
    for (const listener of this.#members.values()) listener.changed()
  }

  #lost(): void {
    if (this.#state === 'resting') return
    this.#state = 'resting'
    const client = this.#client
    this.#client = undefined
    this.#since = undefined
    client?.close()
    if (this.#ended) return
    for (const listener of this.#members.values()) listener.lost()
    this.#later(limits.imapRetryMs.value, () => {
      const [waiting] = this.#members.keys()
      if (waiting) void this.#connect(waiting)
      else void this.end()
    })
  }
}
