import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../base/clock.ts'
import { limits } from '../../base/limits.ts'
import type { UserId } from '../../directory/directory.ts'
import type { Entry, Journal } from '../../store/journal.ts'
import type { Callers } from '../caller.ts'
import { base, type ChangeEvent } from '../contract.ts'

const kinds = [
  'access.changed',
  'access.policies',
  'collections.changed',
  'action.changed',
  'compliance.changed',
  'compliance.policies',
  'device.enrolled',
  'device.observed',
  'device.retired',
  'directory.changed',
  'partnership.started',
  'partnership.changed',
  'partnership.activated',
  'partnership.removed',
  'profile.changed',
  'rollout.changed',
]

interface Rooms {
  readonly callers: Callers
  readonly journal: Journal
  readonly clock: Clock
}

/** What pages listen to. */
export interface Changes {
  /** Ends all of it, and whatever begins after: a stop must not wait for pages. */
  hush(): void
  stop(): Promise<void>
}

interface Listeners {
  readonly all: Set<Listener>
  hushed: boolean
}

/** A page that listens: for all, or for what is about one user. */
interface Listener {
  readonly about: UserId | 'all'
  /** Told with the next event. */
  hear(kind: string): void
  end(): void
}

/**
 * Server-sent events (WHATWG HTML 9.2): what kinds of things changed; the page asks for the rows it shows.
 * `/postern/changes` for administrators, `/me/changes` for a user's own clients. Who has lost the right to listen hears
 * nothing after a while: the page then asks for its session.
 */
export async function changeRoutes(app: FastifyInstance, rooms: Rooms): Promise<Changes> {
  const { callers, journal } = rooms
  const listeners: Listeners = { all: new Set(), hushed: false }

  app.get(`${base}/postern/changes`, async (request, reply) => {
    const allowed = () => callers.administrator(request, true)
    await allowed()
    listen(rooms, listeners, { request, reply, about: 'all', allowed })
  })

  app.get(`${base}/me/changes`, async (request, reply) => {
    const allowed = () => callers.person(request, true)
    const { user } = await allowed()
    listen(rooms, listeners, { request, reply, about: user.id, allowed })
  })

  const follower = await journal.follow({
    name: 'graph.changes',
    kinds,
    durable: false,
    async take(entry) {
      const user = userOf(entry)
      for (const { about, hear } of listeners.all)
        if (about === 'all' || about === user || entry.kind === 'profile.changed') hear(entry.kind)
    },
  })
  return {
    hush() {
      listeners.hushed = true
      for (const listener of listeners.all) listener.end()
    },
    stop: () => follower.stop(),
  }
}

function listen(
  { clock }: Rooms,
  listeners: Listeners,
  asked: {
    request: FastifyRequest
    reply: FastifyReply
    about: Listener['about']
    allowed: () => Promise<unknown>
  },
): void {
  const { reply, about, allowed } = asked
  reply.hijack()
  const response = reply.raw
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write(': listening\n\n')
  if (listeners.hushed) {
    response.end()
    return
  }
  const gathered = gather(clock, response)
  const listener = { about, hear: gathered.hear, end: () => void response.end() }
  listeners.all.add(listener)
  const stopLooking = lookAgain(clock, response, allowed)
  response.on('close', () => {
    stopLooking()
    gathered.stop()
    listeners.all.delete(listener)
  })
}

/** Thousands of changes at once are one event: the page reads anew all the same. */
function gather(clock: Clock, response: ServerResponse) {
  const kinds = new Set<string>()
  let stop = () => {}
  return {
    hear(kind: string) {
      if (kinds.size === 0)
        stop = clock.after(limits.changesGatherMs.value, () => {
          const event: ChangeEvent = { kinds: [...kinds] }
          kinds.clear()
          tell(response, `data: ${JSON.stringify(event)}\n\n`)
        })
      kinds.add(kind)
    },
    stop: () => stop(),
  }
}

/** Ends the answer once its reader may listen no more; until then says so. Returns the end of looking. */
function lookAgain(
  clock: Clock,
  response: ServerResponse,
  allowed: () => Promise<unknown>,
): () => void {
  let cancel = () => {}
  const lookLater = () => {
    cancel = clock.after(limits.changesLookMs.value, () => {
      allowed().then(
        () => {
          // A comment keeps what stands in between from closing a silent connection.
          tell(response, ': still\n\n')
          lookLater()
        },
        () => response.end(), // not allowed any more, or not to be found out: the page asks again
      )
    })
  }
  lookLater()
  return () => cancel()
}

/** A page that takes nothing is sent away; when it comes again, it reads what it missed. */
function tell(response: ServerResponse, text: string): void {
  if (response.writableEnded || response.destroyed) return
  if (response.writableLength > limits.changesUnreadBytes.value) response.destroy()
  else response.write(text)
}

function userOf({ body }: Entry): string | undefined {
  if (typeof body !== 'object' || body === null || !('user' in body)) return undefined
  return typeof body.user === 'string' ? body.user : undefined
}
