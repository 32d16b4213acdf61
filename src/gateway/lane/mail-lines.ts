import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { limits } from '../../base/limits.ts'
import type { Cut, UpstreamSink } from '../upstream.ts'
import { type Broken, MailLine } from './mail-line.ts'

/** A request for the mail server, ready to be written. */
export interface WrittenRequest {
  readonly bytes: Buffer
  /** How long the answer may take to begin. */
  readonly answerWithinMs: number
}

/** Connections to one mail server that are kept open from request to request. */
export interface MailLines {
  /**
   * One try. `undefined`: the answer came to its end. `odd`: it is not one that is read here, and nothing of it was passed
   * on.
   */
  exchange(
    request: WrittenRequest,
    sink: UpstreamSink,
    signal: Cut | undefined,
  ): Promise<Broken | 'odd' | undefined>
  stop(): void
}

/** Lines to `url`, over TLS checked as node:https checks it. The one used last is used next, so that the others may go. */
export function createMailLines(url: URL): MailLines {
  const idle: MailLine[] = []
  const all = new Set<MailLine>()
  const drop = (line: MailLine) => {
    all.delete(line)
    const at = idle.lastIndexOf(line)
    if (at >= 0) idle.splice(at, 1)
  }
  const free = (line: MailLine) => {
    if (idle.length < limits.upstreamIdleLines.value) idle.push(line)
    else line.close()
  }
  const open = (): MailLine => {
    const line = new MailLine((take) => dial(url, take), url.protocol === 'https:', { free, drop })
    all.add(line)
    return line
  }
  return {
    exchange: (request, sink, signal) =>
      new Promise((resolve) => (idle.pop() ?? open()).send(request, sink, signal, resolve)),
    stop() {
      for (const line of all) line.close()
    },
  }
}

// Every line reads into the same bytes, one after another, and what came is copied out at once: a read through a stream
// costs a buffer of this size each time, and several turns of the stream.
const reading = Buffer.allocUnsafeSlow(65_536)

function dial(url: URL, take: (bytes: Buffer) => void): Socket {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const onread = {
    buffer: reading,
    callback(size: number) {
      take(Buffer.from(reading.subarray(0, size)))
      return true
    },
  }
  if (url.protocol !== 'https:') return connectPlain({ host, port: Number(url.port || 80), onread })
  const servername = isIP(host) === 0 ? host : ''
  // Of tls.connect, too, though its types leave `onread` out.
  const options = { host, port: Number(url.port || 443), servername, onread }
  return connectTls(options)
}
