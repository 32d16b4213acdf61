import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { HeaderValues } from './upstream.ts'

/** Bytes of the body that the client announced; `undefined` when it came in chunks. */
export function announcedBytes({
  headers,
}: {
  readonly headers: HeaderValues
}): number | undefined {
  const text = headers['content-length']
  return text === undefined ? undefined : Number(text)
}

/**
 * Reads a body whole. Throws `limit.exceeded` past `maxBytes`, and `request.malformed` when it stops halfway or takes
 * longer than `limits.bodyMs`: a client that sends a byte a minute must not hold memory here.
 */
export function readBody(
  req: IncomingMessage,
  clock: Clock,
  maxBytes: number = limits.wbxmlBytes.value,
): Promise<Uint8Array> {
  const announced = announcedBytes(req)
  if (isBodiless(req)) return Promise.resolve(empty)
  if (announced !== undefined && announced > maxBytes) return Promise.reject(tooLarge(maxBytes))
  if (req.destroyed) return Promise.reject(stopped())
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let size = 0
    const cancel = clock.after(limits.bodyMs.value, () => req.destroy(new Error('body too slow')))
    // Listeners, not an iterator: this runs for every request, and leaves nothing behind on a held one.
    const done = (failure?: Failure) => {
      cancel()
      req.off('data', take).off('end', end).off('close', stop).off('error', stop)
      if (failure) reject(failure)
      else resolve(pieces.length === 1 ? (pieces[0] ?? empty) : Buffer.concat(pieces))
    }
    const take = (piece: Buffer) => {
      size += piece.length
      if (size <= maxBytes) {
        pieces.push(piece)
        return
      }
      // The rest is read and dropped with the refusal, not kept.
      req.pause()
      done(tooLarge(maxBytes))
    }
    const end = () => done()
    const stop = (cause?: Error) => done(stopped(cause))
    req.on('data', take).on('end', end).on('close', stop).on('error', stop)
  })
}

const empty = new Uint8Array(0)

function isBodiless(req: IncomingMessage): boolean {
  const announced = announcedBytes(req)
  return announced === 0 || (announced === undefined && !req.headers['transfer-encoding'])
}

const tooLarge = (maxBytes: number): Failure =>
  new Failure('limit.exceeded', `the body exceeds ${maxBytes} bytes`)

const stopped = (cause?: Error): Failure =>
  new Failure('request.malformed', 'the body stopped halfway', { cause })

/**
 * The first bytes of a body, about `limits.messageStartBytes` of them or all; they stay to be read. Throws
 * `request.malformed` when the client goes away or stands still first.
 */
export function readStart(req: IncomingMessage, clock: Clock): Promise<Uint8Array> {
  if (isBodiless(req)) return Promise.resolve(empty)
  if (req.destroyed) return Promise.reject(stopped())
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let size = 0
    const cancel = clock.after(limits.bodyMs.value, () => req.destroy(new Error('body too slow')))
    const done = () => {
      cancel()
      req.off('readable', take).off('close', stop).off('error', stop)
    }
    const take = () => {
      // A Buffer: no encoding was set.
      for (let piece = req.read() as Buffer | null; piece; piece = req.read() as Buffer | null) {
        pieces.push(piece)
        size += piece.length
      }
      if (size < limits.messageStartBytes.value && !req.complete) return
      done()
      const start = Buffer.concat(pieces)
      // In the same turn as the last read, so that a body that has come to its end is not over yet.
      if (size > 0) req.unshift(start)
      resolve(start)
    }
    const stop = (cause?: Error) => {
      done()
      reject(stopped(cause))
    }
    req.on('readable', take).on('close', stop).on('error', stop)
  })
}

const unzip = promisify(gunzip)

/** The body without its `Content-Encoding`. A small body that swells past `maxBytes` is refused, not unpacked. */
export function plainBody(
  { headers }: { readonly headers: HeaderValues },
  body: Uint8Array,
  maxBytes: number = limits.wbxmlBytes.value,
): Uint8Array | Promise<Uint8Array> {
  const coding = headers['content-encoding']
  if (coding === undefined || body.length === 0) return body
  return unpacked(String(coding).trim().toLowerCase(), body, maxBytes)
}

async function unpacked(coding: string, body: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  if (coding === 'identity') return body
  if (coding !== 'gzip' && coding !== 'x-gzip')
    throw new Failure('request.malformed', 'Content-Encoding is neither gzip nor identity')
  try {
    return await unzip(body, { maxOutputLength: maxBytes })
  } catch (cause) {
    throw new Failure('request.malformed', 'the body is not gzip, or too large', { cause })
  }
}
