import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, it } from 'node:test'
import { createManualClock, systemClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { readBody, readStart } from './body.ts'

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

describe('readStart', () => {
  const both = async (req: IncomingMessage) => {
    const start = Buffer.from(await readStart(req, systemClock)).toString()
    const pieces: Buffer[] = []
    for await (const piece of req.iterator({ destroyOnReturn: false }))
      pieces.push(Buffer.from(piece))
    return [start, Buffer.concat(pieces).toString()]
  }

  it('tells the first bytes, and leaves all of them to be read', async () => {
    assert.deepEqual(await given('Content-Length: 3', 'abc', both), ['abc', 'abc'])
    const chunked = '2\r\nab\r\n1\r\nc\r\n0\r\n\r\n'
    assert.deepEqual(await given('Transfer-Encoding: chunked', chunked, both), ['abc', 'abc'])
    assert.deepEqual(await given('Content-Length: 0', '', both), ['', ''])
    const long = 'x'.repeat(5 * limits.messageStartBytes.value)
    const [start = '', whole] = await given(`Content-Length: ${long.length}`, long, both)
    assert.ok(start.length >= limits.messageStartBytes.value)
    assert.equal(whole, long)
  })

  it('a sender that goes away or stands still before them is malformed', async () => {
    const halfway = (req: IncomingMessage, cut: () => void) => {
      setTimeout(cut, 10)
      return readStart(req, systemClock)
    }
    await assert.rejects(given('Content-Length: 9', 'abc', halfway), isFailure('request.malformed'))
    const clock = createManualClock(0)
    const still = (req: IncomingMessage) => {
      setTimeout(() => clock.advance(limits.bodyMs.value), 10)
      return readStart(req, clock)
    }
    await assert.rejects(given('Content-Length: 9', 'a', still), isFailure('request.malformed'))
  })
})
