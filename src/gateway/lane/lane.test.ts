import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createManualClock, type ManualClock } from '../../base/clock.ts'
import { limits } from '../../base/limits.ts'
import type { Carried } from '../carried.ts'
import { type Door, type Listening, startListener } from '../listener.ts'

// Over real sockets. This also holds src/gateway/lane/line.ts, src/gateway/lane/lane-carried.ts
// and src/gateway/lane/answer-bytes.ts.

const plain = (body: string, query = 'Cmd=Sync') =>
  `POST /Microsoft-Server-ActiveSync?${query} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`

/** A connection and all that came back on it. */
interface Wire {
  readonly socket: Socket
  text: string
  closed: boolean
  /** Resolves when `found` is so. */
  until(found: (wire: Wire) => boolean): Promise<void>
}

async function until(found: () => boolean): Promise<void> {
  while (!found()) await turn()
}

describe('lane', () => {
  let listening: Listening
  let clock: ManualClock
  let serve: (carried: Carried) => void = () => {}
  const sockets: Socket[] = []
  const gone: Carried[] = []
  const byNode: Door = (req, res) => {
    req.resume()
    req.on('end', () => res.end('by node'))
  }

  const dial = (): Promise<Wire> =>
    new Promise((resolve) => {
      const socket = connect(listening.port, '127.0.0.1', () => resolve(wire))
      const wire: Wire = {
        socket,
        text: '',
        closed: false,
        until: (found) => until(() => found(wire)),
      }
      socket.on('data', (bytes) => {
        wire.text += bytes.toString('latin1')
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        wire.closed = true
      })
      sockets.push(socket)
    })

  before(async () => {
    clock = createManualClock(Date.UTC(2026, 9, 5))
    const doors = {
      eas: byNode,
      autodiscover: byNode,
      web: byNode,
      lane: (one: Carried) => serve(one),
    }
    listening = await startListener(doors, { host: '127.0.0.1', port: 0 }, clock)
  })
  after(async () => {
    for (const socket of sockets) socket.destroy()
    await listening.drain()
  })

  it('answers one after another, in order, however slowly the first is served', async () => {
    const waiting: Carried[] = []
    serve = (carried) => void waiting.push(carried)
    const wire = await dial()
    wire.socket.write(plain('a', 'one') + plain('b', 'two'))
    await until(() => waiting.length === 1)
    assert.equal(waiting[0]?.url, '/Microsoft-Server-ActiveSync?one')
    waiting[0]?.reply({ status: 200, body: Buffer.from('first') })
    await until(() => waiting.length === 2)
    assert.equal(Buffer.from((await waiting[1]?.readBody()) ?? '').toString(), 'b')
    waiting[1]?.reply({ status: 449 })
    await wire.until(({ text }) => text.includes('HTTP/1.1 449 Retry With\r\n'))
    assert.match(
      wire.text,
      /^HTTP\/1\.1 200 OK\r\ncontent-type: application\/octet-stream\r\ndate: Mon, 05 Oct 2026 [\d:]+ GMT\r\ncontent-length: 5\r\n\r\nfirstHTTP/,
    )
  })

  it('gives a connection to node:http with the first request that is not for it, and all after it', async () => {
    serve = (carried) => carried.reply({ status: 200, body: Buffer.from('by lane') })
    const wire = await dial()
    const odd = plain('x').replace('Host: x', 'Host: x\r\nExpect: nothing')
    wire.socket.write(`${plain('a')}GET /portal HTTP/1.1\r\nHost: x\r\n\r\n`)
    await wire.until(({ text }) => text.includes('by node'))
    assert.match(wire.text, /by lane[^]*by node/)
    wire.text = ''
    wire.socket.write(plain('a'))
    await wire.until(({ text }) => text.includes('by node'))
    const other = await dial()
    other.socket.write(odd.slice(0, 80))
    await turn()
    other.socket.write(odd.slice(80))
    await other.until(({ text }) => text.includes('\r\n\r\n'))
    assert.match(other.text, /^HTTP\/1\.1 (417|200)/)
  })

  it('passes an answer in pieces: with its length in one write, else in chunks', async () => {
    serve = (carried) => {
      carried.head(200, {
        'content-length': '3',
        'set-cookie': ['a=1', 'b=2'],
        'x-b': 'c\r\nx-d: e',
      })
      carried.piece(Buffer.from('abc'), () => {})
      carried.end()
    }
    const wire = await dial()
    wire.socket.write(plain(''))
    await wire.until(({ text }) => text.endsWith('abc'))
    assert.match(wire.text, /\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n/)
    assert.match(wire.text, /\r\nx-b: cx-d: e\r\n/)
    assert.equal(wire.text.match(/content-length/g)?.length, 1)
    serve = (carried) => {
      carried.head(200, {})
      carried.piece(Buffer.from('ab'), () => {})
      carried.piece(Buffer.from('c'), () => {})
      carried.end()
    }
    wire.text = ''
    wire.socket.write(plain(''))
    await wire.until(({ text }) => text.endsWith('0\r\n\r\n'))
    assert.match(wire.text, /transfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n$/)
    serve = (carried) => {
      carried.head(204, {})
      carried.end()
    }
    wire.text = ''
    wire.socket.write(plain(''))
    await wire.until(({ text }) => text.endsWith('\r\n\r\n'))
    assert.doesNotMatch(wire.text, /content-length|transfer-encoding/)
  })

  it('half an answer, or more than was announced, breaks the connection', async () => {
    const halves: ((carried: Carried) => void)[] = [
      (carried) => carried.end(),
      (carried) => carried.reply({ status: 500 }),
      (carried) => void carried.piece(Buffer.from('more than that'), () => {}),
    ]
    for (const go of halves) {
      serve = (carried) => {
        carried.head(200, { 'content-length': '5' })
        carried.piece(Buffer.from('ab'), () => {})
        assert.ok(carried.begun)
        go(carried)
      }
      const wire = await dial()
      wire.socket.write(plain(''))
      await wire.until(({ closed }) => closed)
      assert.ok(!wire.text.includes('500'))
    }
  })

  it('tells of a client that goes away, and hears no more of it', async () => {
    serve = (carried) => carried.watch({ end: () => void gone.push(carried) })
    for (const leave of [(socket: Socket) => socket.end(), (socket: Socket) => socket.destroy()]) {
      gone.length = 0
      const wire = await dial()
      wire.socket.write(plain(''))
      leave(wire.socket)
      await until(() => gone.length === 1)
      gone[0]?.reply({ status: 200, body: Buffer.from('too late') })
      await wire.until(({ closed }) => closed)
      assert.equal(wire.text, '')
    }
  })

  it('waits for a client that takes a large answer slowly', async () => {
    let resumed = 0
    serve = (carried) => {
      const piece = Buffer.alloc(1_000_000, 65)
      carried.head(200, { 'content-length': '8000000' })
      let left = 8
      const more = () => {
        while (left > 0) {
          left -= 1
          if (!carried.piece(piece, more)) {
            resumed += 1
            return
          }
        }
        carried.end()
      }
      more()
    }
    const wire = await dial()
    wire.socket.pause()
    wire.socket.write(plain(''))
    await until(() => resumed > 0)
    wire.socket.resume()
    await wire.until(({ text }) => text.length > 8_000_000)
  })

  it('cuts off who takes neither the answer nor the end', async () => {
    const body = Buffer.alloc(8_000_000, 'a')
    let served = 0
    serve = (carried) => {
      served += 1
      carried.reply({ status: 200, body })
    }
    const wire = await dial()
    wire.socket.pause()
    wire.socket.write(plain(''))
    await until(() => served === 1)
    clock.advance(limits.keepAliveMs.value)
    await turn()
    clock.advance(limits.headersMs.value)
    wire.socket.resume()
    await wire.until(({ closed }) => closed)
    assert.ok(wire.text.length < body.length, `${wire.text.length} bytes came`)
  })

  it('closes what says nothing, keeps whom it knows, ends half a head with 408, and leaves half a body to node:http', async () => {
    serve = (carried) => {
      carried.watch({ end: () => {} })
      carried.reply({ status: 200 })
    }
    const [silent, known, stranger] = [await dial(), await dial(), await dial()]
    const [half, head] = [await dial(), await dial()]
    known.socket.write(plain(''))
    await known.until(({ text }) => text.includes('200'))
    serve = (carried) => carried.reply({ status: 401 })
    stranger.socket.write(plain(''))
    await stranger.until(({ text }) => text.includes('401'))
    half.socket.write(plain('abc').slice(0, -1))
    head.socket.write(plain('').slice(0, -1))
    // Until it has come, which nothing shows: another request on its way after it has been answered.
    const next = await dial()
    next.socket.write(plain(''))
    await next.until(({ text }) => text.includes('401'))
    clock.advance(limits.headersMs.value + 10_000)
    await silent.until(({ closed }) => closed)
    await head.until(({ closed }) => closed)
    assert.match(head.text, /^HTTP\/1\.1 408 /)
    half.socket.write('c')
    await half.until(({ text }) => text.includes('by node'))
    clock.advance(limits.idleConnectionMs.value)
    await stranger.until(({ closed }) => closed)
    assert.equal(known.closed, false)
    clock.advance(limits.keepAliveMs.value)
    await known.until(({ closed }) => closed)
  })
})
