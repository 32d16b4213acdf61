import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server as PlainServer,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type Clock, sleep } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Carried } from './carried.ts'
import { openLane } from './lane/lane.ts'

/** Answers one request; must not throw. */
export type Door = (req: IncomingMessage, res: ServerResponse) => void

export interface TlsKey {
  readonly keyPem: string
  readonly certificatePem: string
}

export interface ListenOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** Without it plain HTTP: for behind a proxy that ends TLS. */
  readonly tls?: TlsKey
}

export interface Listening {
  readonly port: number
  /** `https://host:port` */
  readonly url: string
  /** Takes a renewed certificate for new connections. */
  renew(tls: TlsKey): void
  /** No new connections from now on; resolves when the last answer is out, or `limits.drainMs` later by force. */
  drain(): Promise<void>
}

export interface Doors {
  readonly eas: Door
  readonly autodiscover: Door
  /** Everything else: portal, console, API. */
  readonly web: Door
  /** The EAS door for what the fast lane carries; without it node:http carries all. */
  readonly lane?: (carried: Carried) => void
}

/**
 * Which door a path belongs to. EAS clients spell the path in any case, and old ones add a slash or `default.eas`.
 * Nothing is decoded: a path in disguise is a page of the web that does not exist.
 */
export function doorOf(url: string): 'eas' | 'autodiscover' | 'web' {
  const end = url.indexOf('?')
  const path = (end < 0 ? url : url.slice(0, end)).toLowerCase()
  if (/^\/microsoft-server-activesync(\/|\/default\.eas)?$/.test(path)) return 'eas'
  return path.startsWith('/autodiscover/') ? 'autodiscover' : 'web'
}

const options: ServerOptions = {
  // A long upload may take as long as it moves; the doors watch for senders that stand still.
  requestTimeout: 0,
  headersTimeout: limits.headersMs.value,
  connectionsCheckingInterval: 5000,
  // A phone that has signed in keeps its connection for longer; see `ending.ts`.
  keepAliveTimeout: limits.idleConnectionMs.value,
  maxHeaderSize: limits.httpHeaderBytes.value,
  // Smuggling needs two readings of one request: the strict parser refuses both lengths at once, bare LF and obs-fold.
  insecureHTTPParser: false,
  noDelay: true,
}

/** Opens one HTTP or HTTPS server and routes by path. Throws `config.invalid` when the address cannot be had. */
export async function startListener(
  doors: Doors,
  where: ListenOptions,
  clock: Clock,
): Promise<Listening> {
  let draining = false
  const route: Door = (req, res) => {
    const door = doorOf(req.url ?? '')
    // The EAS door knows how long a message may take; elsewhere bodies are small.
    if (door !== 'eas') endIfUnread(req, clock)
    res.once('close', () => {
      endIfUnread(req, clock)
      // A connection whose answer is out while we stop would stay open until its phone speaks again.
      if (draining) setImmediate(() => server.closeIdleConnections())
    })
    doors[door](req, res)
  }
  const { tls } = where
  const server = tls
    ? createTlsServer({ ...options, ...tlsOptions(tls) }, route)
    : createPlainServer(options, route)
  server.maxConnections = limits.easConnections.value
  const isOurs = (url: string) => doorOf(url) === 'eas'
  const lane = doors.lane && openLane(server, { isOurs, serve: doors.lane, clock })
  await open(server, where)
  // An AddressInfo: the server listens on TCP.
  const { port } = server.address() as AddressInfo
  const host = where.host.includes(':') ? `[${where.host}]` : where.host
  return {
    port,
    url: `${tls ? 'https' : 'http'}://${host}:${port}`,
    renew(renewed) {
      if ('setSecureContext' in server) server.setSecureContext(tlsOptions(renewed))
    },
    async drain() {
      draining = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      lane?.drain()
      const cancel = new AbortController()
      const late = sleep(clock, limits.drainMs.value, cancel.signal).catch(ignoreCancel)
      await Promise.race([closed, late])
      cancel.abort()
      server.closeAllConnections()
      lane?.close()
      await closed
    },
  }
}

/** Closes the connection when a body is still coming a minute from now, byte by byte, to hold it open. */
function endIfUnread(req: IncomingMessage, clock: Clock): void {
  const bodiless = !req.headers['content-length'] && !req.headers['transfer-encoding']
  if (req.complete || bodiless || req.destroyed) return
  const cancel = clock.after(limits.bodyMs.value, () => {
    if (!req.complete) req.socket.destroy()
  })
  req.once('close', cancel)
}

const tlsOptions = (tls: TlsKey) => ({
  key: tls.keyPem,
  cert: tls.certificatePem,
  minVersion: 'TLSv1.2' as const,
  handshakeTimeout: limits.headersMs.value,
  ALPNProtocols: ['http/1.1'],
})

function open(server: PlainServer | TlsServer, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error) =>
      reject(
        new Failure('config.invalid', `cannot listen on ${where.host}:${where.port}`, { cause }),
      )
    server.once('error', failed)
    server.listen(where.port, where.host, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

// A cancelled wait is the ordinary end of a drain.
const ignoreCancel = (): void => {}
