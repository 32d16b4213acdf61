import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, it } from 'node:test'
import { createManualClock, systemClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { readBody } from './body.ts'

/** What `read` makes of one raw request. */
async function given<T>(
  head: string,
  body: string,
  read: (req: IncomingMessage, cut: () => void) => Promise<T>,
): Promise<T> {
  const result = Promise.withResolvers<T>()
  const server = createServer((req) => {
    read(req, () => socket.destroy()).then(result.resolve, result.reject)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  // An AddressInfo: the server listens on TCP.
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1', () =>
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n${body}`),
  )
  socket.on('error', () => {})
  try {
    return await result.promise
  } finally {
    socket.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const isFailure = (code: string) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === code

describe('readBody', () => {
  const text = async (req: IncomingMessage, most?: number) =>
    Buffer.from(await readBody(req, systemClock, most)).toString()

  it('reads announced and chunked bodies, and none', async () => {
    assert.equal(await given('Content-Length: 3', 'abc', (req) => text(req)), 'abc')
    const chunked = '2\r\nab\r\n1\r\nc\r\n0\r\n\r\n'
    assert.equal(await given('Transfer-Encoding: chunked', chunked, (req) => text(req)), 'abc')
    assert.equal(await given('Content-Length: 0', '', (req) => text(req)), '')
    assert.equal(await given('X-A: b', '', (req) => text(req)), '')
  })

  it('refuses more than the limit, announced or not', async () => {
    const tooMuch = isFailure('limit.exceeded')
    await assert.rejects(
      given('Content-Length: 9', '', (req) => text(req, 8)),
      tooMuch,
    )
    const chunk = `9\r\nabcdefghi\r\n`
    await assert.rejects(
      given('Transfer-Encoding: chunked', chunk, (req) => text(req, 8)),
      tooMuch,
    )
  })

  it('a body that stops halfway, or had stopped before, is malformed', async () => {
    const halfway = (req: IncomingMessage, cut: () => void) => {
      setTimeout(cut, 10)
      return text(req)
    }
    await assert.rejects(given('Content-Length: 9', 'abc', halfway), isFailure('request.malformed'))
    const before = async (req: IncomingMessage, cut: () => void) => {
      cut()
      await new Promise((resolve) => setTimeout(resolve, 50))
      return text(req)
    }
    await assert.rejects(given('Content-Length: 9', 'abc', before), isFailure('request.malformed'))
  })

  it('a sender that takes a minute is cut off', async () => {
    const clock = createManualClock(0)
    const slow = (req: IncomingMessage) => {
      setTimeout(() => clock.advance(limits.bodyMs.value), 10)
      return readBody(req, clock)
    }
    await assert.rejects(given('Content-Length: 9', 'a', slow), isFailure('request.malformed'))
  })
})
