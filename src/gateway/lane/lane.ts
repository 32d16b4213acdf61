import type { Server as PlainServer } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { type Clock, second } from '../../base/clock.ts'
import type { Carried } from '../carried.ts'
import { type Keeper, Line } from './line.ts'

/** The fast lane before a server of node:http. */
export interface Lane {
  /** Closes what waits, and every other connection with the answer that it is at. */
  drain(): void
  /** Closes what is left. */
  close(): void
}

/** How often it is looked at who waited too long: exact enough for waits of twenty seconds and more. */
const sweepMs = 5 * second

/**
 * Reads the connections of `server` first. Requests that are plain and `isOurs` are served here, without the objects that
 * node:http makes for each; a connection that brings anything else is given to the server as if it had just been opened.
 */
export function openLane(
  server: PlainServer | TlsServer,
  parts: {
    readonly isOurs: (url: string) => boolean
    readonly serve: (carried: Carried) => void
    readonly clock: Clock
  },
): Lane {
  const { isOurs, serve, clock } = parts
  const lines = new Set<Line>()
  let draining = false
  let sweeping = false
  // The decrypted connection where there is TLS. The listener that is taken off is the one that the server itself put there.
  const event = 'setSecureContext' in server ? 'secureConnection' : 'connection'
  const theirs = server.listeners(event)
  server.removeAllListeners(event)

  const keeper: Keeper = {
    get draining() {
      return draining
    },
    now: () => clock.now(),
    isOurs,
    serve,
    drop: (line) => void lines.delete(line),
    handOver(socket, unread) {
      if (unread.length > 0) socket.unshift(unread)
      for (const listener of theirs) listener.call(server, socket)
      socket.resume()
    },
  }
  const sweep = () => {
    sweeping = false
    const now = clock.now()
    for (const line of lines) if (line.deadline !== 0 && line.deadline <= now) line.late()
    beginSweeping()
  }
  const beginSweeping = () => {
    if (sweeping || lines.size === 0) return
    sweeping = true
    clock.after(sweepMs, sweep)
  }

  server.on(event, (socket: Socket) => {
    lines.add(new Line(socket, keeper))
    beginSweeping()
  })
  return {
    drain() {
      draining = true
      for (const line of lines) if (!line.isBusy) line.break()
    },
    close() {
      for (const line of lines) line.break()
    },
  }
}
