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
  'compliance.changed',
  'device.enrolled',
  'device.observed',
  'device.retired',
  'directory.changed',
  'partnership.started',
  'partnership.changed',
  'partnership.activated',
  'partnership.removed',
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
  readonly response: ServerResponse
  readonly about: UserId | 'all'
}

/**
 * Server-sent events (WHATWG HTML 9.2): what kind of thing changed, and its id; the page asks for the rows it shows.
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
      const { user, ...event } = readNews(entry)
      const text = `data: ${JSON.stringify(event)}\n\n`
      for (const { response, about } of listeners.all)
        if (about === 'all' || about === user) tell(response, text)
    },
  })
  return {
    hush() {
      listeners.hushed = true
      for (const { response } of listeners.all) response.end()
    },
    stop: () => follower.stop(),
  }
}

/** A page that takes nothing is sent away; when it comes again, it reads what it missed. */
function tell(response: ServerResponse, text: string): void {
  if (response.writableLength > limits.changesUnreadBytes.value) response.destroy()
  else response.write(text)
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
  const listener = { response, about }
  listeners.all.add(listener)
  let cancel = () => {}
  const lookLater = () => {
    cancel = clock.after(limits.changesLookMs.value, () => {
      // A comment keeps what stands in between from closing a silent connection.
      allowed().then(
        () => {
          tell(response, ': still\n\n')
          lookLater()
        },
        () => response.end(), // not allowed any more, or not to be found out: the page asks again
      )
    })
  }
  lookLater()
  response.on('close', () => {
    cancel()
    listeners.all.delete(listener)
  })
}

function readNews({ kind, body }: Entry): ChangeEvent & { readonly user?: string } {
  const { partnership, device, user } = body as Readonly<Record<string, unknown>> // each narrowed below
  const id = partnership ?? device
  return {
    kind,
    ...(typeof id === 'string' && { id }),
    ...(typeof user === 'string' && { user }),
  }
}
