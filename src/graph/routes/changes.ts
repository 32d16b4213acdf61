import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Entry, Follower, Journal } from '../../store/journal.ts'
import type { Callers } from '../caller.ts'
import { base } from '../contract.ts'

const kinds = [
  'access.changed',
  'access.policies',
  'compliance.changed',
  'device.enrolled',
  'device.observed',
  'device.retired',
  'partnership.started',
  'partnership.changed',
  'partnership.activated',
  'partnership.removed',
]

interface Rooms {
  readonly callers: Callers
  readonly journal: Journal
}

/** Server-sent events (WHATWG HTML 9.2): what kind of thing changed, and its id; the page asks for the rows it shows. */
export async function changeRoutes(
  app: FastifyInstance,
  { callers, journal }: Rooms,
): Promise<Follower> {
  const listeners = new Set<ServerResponse>()

  app.get(`${base}/postern/changes`, async (request, reply) => {
    await callers.administrator(request)
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    raw.write(': listening\n\n')
    listeners.add(raw)
    raw.on('close', () => listeners.delete(raw))
  })

  app.addHook('preClose', async () => {
    for (const listener of listeners) listener.end()
  })

  return journal.follow({
    name: 'graph.changes',
    kinds,
    durable: false,
    async take(entry) {
      const event = `data: ${JSON.stringify({ kind: entry.kind, id: subjectOf(entry) })}\n\n`
      for (const listener of listeners) listener.write(event)
    },
  })
}

function subjectOf({ body }: Entry): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { partnership, device } = body as { partnership?: unknown; device?: unknown } // narrowed below
  const subject = partnership ?? device
  return typeof subject === 'string' ? subject : undefined
}
