import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createMiniServer, type MiniServer } from './eas-mini-server.ts'

/** One request as it reached the upstream. */
export interface Reached {
  readonly method: string
  /** Value of `Cmd`, '' without one. */
  readonly command: string
  readonly query: URLSearchParams
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** User name of the Basic credentials. */
  readonly user: string
  readonly password: string
  /** The first 256 KB. */
  body: Buffer
  /** Bytes of the whole body so far. */
  size: number
  sha256: string
  /** The body arrived to its end. */
  complete: boolean
}

/** What happens to one request instead of a plain answer. */
export interface Step {
  /** Only requests of this command take the step. */
  readonly command?: string
  readonly act: /** Closes the socket before any byte of an answer. */
    | 'reset'
    /** Sends the head and half a body, then closes the socket. */
    | 'resetInAnswer'
    /** Never answers. */
    | 'hang'
    | { readonly delayMs: number }
    | {
        readonly status: number
        readonly headers?: Readonly<Record<string, string | string[]>>
        readonly body?: Uint8Array
      }
    /** Answers `size` bytes in pieces, as fast as they are taken. */
    | { readonly streamBytes: number }
}

/** A scriptable EAS server over real HTTP: records what reached it, answers by script or like a small server. */
export interface FakeUpstream extends MiniServer {
  readonly url: string
  readonly reached: Reached[]
  /** Requests of these commands so far. */
  reachedOf(...commands: string[]): Reached[]
  /** Queues steps; each is taken by the first request that fits. */
  script(...steps: Step[]): void
  /** From now on a socket's second request finds it closed without notice, as with sogod. */
  dropIdleSockets(yes: boolean): void
  /** At most so many requests are worked on at once; the others wait, as behind sogod's workers. */
  limitWorkers(count: number): void
  /** Stops listening and cuts every connection: the server is down. `start` brings it back on the same port. */
  stop(): Promise<void>
  start(): Promise<void>
}

const keptBytes = 262_144

/** Starts a fake upstream on a free port. */
export async function startFakeUpstream(): Promise<FakeUpstream> {
  const mini = createMiniServer()
  const reached: Reached[] = []
  const steps: Step[] = []
  const requestsOf = new WeakMap<Socket, number>()
  let dropIdle = false
  let workers = Number.POSITIVE_INFINITY
  let busy = 0
  const waiting: (() => void)[] = []

  const work = async (run: () => Promise<void>): Promise<void> => {
    if (busy >= workers) await new Promise<void>((resolve) => waiting.push(resolve))
    busy += 1
    try {
      await run()
    } finally {
      busy -= 1
      waiting.shift()?.()
    }
  }

  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const count = (requestsOf.get(req.socket) ?? 0) + 1
    requestsOf.set(req.socket, count)
    if (dropIdle && count > 1) return void req.socket.resetAndDestroy()
    const entry = note(req)
    reached.push(entry)
    await receive(req, entry)
    const index = steps.findIndex((step) => !step.command || step.command === entry.command)
    const [step] = index < 0 ? [] : steps.splice(index, 1)
    await work(() => perform(step, entry, req, res, mini))
  }

  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (req, res) => {
    handle(req, res).catch(() => req.socket.destroy())
  })
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  await listen(0)
  // An AddressInfo: the server listens on TCP.
  const { port } = server.address() as AddressInfo
  // The same object: what a test sets on it, the small server obeys.
  return Object.assign(mini, {
    url: `http://127.0.0.1:${port}/Microsoft-Server-ActiveSync`,
    reached,
    reachedOf: (...commands: string[]) =>
      reached.filter((entry) => commands.includes(entry.command)),
    script: (...more: Step[]) => void steps.push(...more),
    dropIdleSockets(yes: boolean) {
      dropIdle = yes
    },
    limitWorkers(count: number) {
      workers = count
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    start: () => listen(port),
  })
}

function note(req: IncomingMessage): Reached {
  const url = req.url ?? ''
  const query = new URLSearchParams(url.split('?')[1] ?? '')
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(req.headers)) headers[name] = String(value)
  const basic = Buffer.from(headers['authorization']?.replace('Basic ', '') ?? '', 'base64')
  const [user = '', ...password] = basic.toString().split(':')
  return {
    method: req.method ?? '',
    command: query.get('Cmd') ?? '',
    query,
    url,
    headers,
    user,
    password: password.join(':'),
    body: Buffer.alloc(0),
    size: 0,
    sha256: '',
    complete: false,
  }
}

async function receive(req: IncomingMessage, entry: Reached): Promise<void> {
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  for await (const piece of req) {
    if (entry.size < keptBytes) kept.push(piece)
    entry.size += piece.length
    hash.update(piece)
  }
  entry.body = Buffer.concat(kept)
  entry.sha256 = hash.digest('hex')
  entry.complete = true
}

async function perform(
  step: Step | undefined,
  entry: Reached,
  req: IncomingMessage,
  res: ServerResponse,
  mini: MiniServer,
): Promise<void> {
  const act = step?.act
  if (act === 'reset') return void req.socket.resetAndDestroy()
  if (act === 'hang') return await new Promise((resolve) => res.once('close', resolve))
  if (act === 'resetInAnswer') {
    res.writeHead(200, { 'content-length': '1000' })
    res.write(Buffer.alloc(500, 65))
    setImmediate(() => req.socket.destroy())
    return
  }
  if (act && 'streamBytes' in act) return await stream(res, act.streamBytes)
  if (act && 'delayMs' in act) await new Promise((resolve) => setTimeout(resolve, act.delayMs))
  if (act && 'status' in act) {
    res.writeHead(act.status, { 'content-length': act.body?.length ?? 0, ...act.headers })
    return void res.end(act.body)
  }
  const gone = new AbortController()
  res.once('close', () => gone.abort())
  const answer = await mini.answer(entry, gone.signal)
  res.writeHead(answer.status, { 'content-length': answer.body?.length ?? 0, ...answer.headers })
  res.end(answer.body)
}

async function stream(res: ServerResponse, size: number): Promise<void> {
  res.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': `${size}` })
  const piece = Buffer.alloc(65_536, 66)
  for (let sent = 0; sent < size; sent += piece.length) {
    const more = res.write(piece.subarray(0, Math.min(piece.length, size - sent)))
    if (!more) await new Promise((resolve) => res.once('drain', resolve))
  }
  res.end()
}
