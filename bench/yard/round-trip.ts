import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** One connection on which requests are sent one after another. */
export interface RoundTrip {
  /** Microseconds from the request to the end of its answer. */
  micros(request: Buffer): Promise<number>
  /** The answer itself, head and body. */
  answer(request: Buffer): Promise<string>
  close(): void
}

/** Opens one; TLS when a certificate to check against is given. */
export async function openRoundTrip(port: number, ca?: string): Promise<RoundTrip> {
  const socket = await open(port, ca)
  socket.setNoDelay(true)
  let take: (answer: string) => void = () => {}
  let text = ''
  socket.on('data', (piece) => {
    text += piece.toString('latin1')
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = text.slice(0, end)
    const size = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN)
    // A chunked answer ends with its empty chunk; the bodies here do not hold one.
    const whole = Number.isNaN(size)
      ? text.endsWith('\r\n0\r\n\r\n')
      : text.length >= end + 4 + size
    if (!whole) return
    const answer = text
    text = ''
    take(answer)
  })
  const answer = (request: Buffer) =>
    new Promise<string>((resolve, reject) => {
      take = resolve
      socket.once('error', reject)
      socket.write(request, () => socket.off('error', reject))
    })
  return {
    answer,
    async micros(request) {
      const begun = process.hrtime.bigint()
      await answer(request)
      return Number(process.hrtime.bigint() - begun) / 1000
    },
    close: () => socket.destroy(),
  }
}

function open(port: number, ca: string | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket =
      ca === undefined
        ? connectPlain(port, '127.0.0.1', () => resolve(socket))
        : connectTls({ port, host: '127.0.0.1', ca }, () => resolve(socket))
    socket.once('error', reject)
  })
}
