import assert from 'node:assert/strict'
import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Failure } from '../../base/failures.ts'
import { Secret } from '../../base/secret.ts'
import { createHttpUpstream } from '../http-upstream.ts'
import { ask, type UpstreamRequest } from '../upstream.ts'

// What the contract of every upstream (test/contract/upstream.ts) does not say of kept lines. Against a mail server that
// sends bytes as told. This also holds src/gateway/lane/mail-line.ts, src/gateway/lane/answer-head.ts and
// src/gateway/lane/request-bytes.ts.

const request = (more: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'POST',
  query: 'Cmd=Sync',
  headers: { 'user-agent': 'test' },
  user: 'alice',
  authorization: new Secret('Basic YTpi'),
  repeatable: true,
  answerWithinMs: 20_000,
  body: Buffer.from('body'),
  ...more,
})

const plainAnswer = { pieces: ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'], close: false }

describe('kept lines to the mail server', () => {
  let server: Server
  let url = ''
  let connections = 0
  const heard: string[] = []
  /** What the server sends for each request, in pieces, and whether it closes then. */
  let script: { pieces: readonly string[]; close?: boolean }[] = []

  const serve = (socket: Socket) => {
    connections += 1
    let text = ''
    socket.on('error', () => {})
    const answer = async () => {
      const { pieces, close } = script.shift() ?? plainAnswer
      for (const piece of pieces) {
        socket.write(piece, 'latin1')
        await turn()
        await turn()
      }
      if (close) socket.end()
    }
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (!/\r\n\r\n/.test(text) || (text.startsWith('POST') && !text.endsWith('body'))) return
      heard.push(text)
      text = ''
      void answer()
    })
  }
  const upstreamOf = () => createHttpUpstream({ url, keepAlive: true })
  let upstream = upstreamOfNothing()

  function upstreamOfNothing(): ReturnType<typeof upstreamOf> {
    return { send: async () => {}, stop: async () => {} }
  }

  before(async () => {
    server = createServer({ noDelay: true }, serve)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    // An AddressInfo: the server listens on TCP.
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/eas`
  })
  beforeEach(async () => {
    await upstream.stop()
    upstream = upstreamOf()
    heard.length = 0
    connections = 0
    script = []
  })
  after(async () => {
    await upstream.stop()
    server.close()
  })

  it('one connection serves one request after another', async () => {
    for (let round = 0; round < 3; round++)
      assert.equal(String((await ask(upstream, request())).status), '200')
    assert.equal(connections, 1)
    const address = new URL(url).host
    assert.equal(
      heard[0],
      `POST /eas?Cmd=Sync HTTP/1.1\r\nHost: ${address}\r\nConnection: keep-alive\r\nuser-agent: test\r\nAuthorization: Basic YTpi\r\nContent-Length: 4\r\n\r\nbody`,
    )
  })

  it('lines that are answered at once, in pieces, do not take each other’s bytes', async () => {
    const bodies = Array.from({ length: 8 }, (_, n) => String(n).repeat(40 + n))
    script = bodies.map((body) => {
      const text = `HTTP/1.1 200 OK\r\nX-N: ${body}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
      return {
        pieces: Array.from({ length: 9 }, (_, at) =>
          text.slice(at * 16, at < 8 ? (at + 1) * 16 : undefined),
        ),
      }
    })
    const answers = await Promise.all(bodies.map(() => ask(upstream, request())))
    assert.equal(connections, bodies.length)
    for (const { headers, body } of answers)
      assert.equal(headers['x-n'], Buffer.from(body).toString())
    assert.deepEqual(answers.map(({ body }) => Buffer.from(body).toString()).sort(), bodies)
  })

  it('takes an answer cut anywhere, with its length or in chunks', async () => {
    const answers = {
      'HTTP/1.1 200 OK\r\nX-A:\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 5\r\n\r\nab\r\nc':
        'ab\r\nc',
      'HTTP/1.1 200\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n3;x=y\r\n\r\nc\r\n0\r\nX-B: c\r\n\r\n':
        'ab\r\nc',
      'HTTP/1.1 503 Busy \xe9\r\ncontent-length:0\r\n\r\n': '',
      'HTTP/1.1 204 None\r\nContent-Length: 0\r\n\r\n': '',
    }
    for (const [text, body] of Object.entries(answers)) {
      for (let at = 1; at < text.length; at += 3) {
        script = [{ pieces: [text.slice(0, at), text.slice(at)] }]
        const answer = await ask(upstream, request())
        assert.equal(Buffer.from(answer.body).toString('latin1'), body)
      }
    }
    assert.equal(connections, 1)
  })

  it('an answer that it does not read is asked for again by node:http, with the next requests', async () => {
    const odd = [
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
      'HTTP/1.0 200 OK\r\n\r\nx',
      'HTTP/1.1 200 OK\r\n\r\nx',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nx',
      'HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 1\r\n\r\nx',
      'HTTP/1.1 200 OK\nContent-Length: 1\n\r\n\r\nx',
      'HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 1\r\n\r\nx',
    ]
    for (const text of odd) {
      await upstream.stop()
      upstream = upstreamOf()
      connections = 0
      script = [{ pieces: [text], close: true }]
      assert.equal(Buffer.from((await ask(upstream, request())).body).toString(), 'ok', text)
      assert.equal(connections, 2)
      await ask(upstream, request())
      assert.equal(connections, 3, 'by node:http, which opens one')
    }
  })

  it('a line that is closed, or speaks out of turn, is not used again', async () => {
    script = [
      { pieces: ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'] },
      { pieces: ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n'] },
      { pieces: ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'], close: true },
    ]
    for (let round = 0; round < 4; round++)
      assert.equal((await ask(upstream, request())).status, 200)
    assert.ok(connections >= 3)
  })

  it('broken chunks and a body that is cut off are no whole answer', async () => {
    for (const text of [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabX',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab',
    ]) {
      script = [{ pieces: [text], close: true }]
      const asked = ask(upstream, request())
      await assert.rejects(
        asked,
        (thrown) => thrown instanceof Failure && thrown.code === 'upstream.unavailable',
      )
    }
  })

  it('holds back what is in chunks, too, while nobody takes it', async () => {
    const chunks = Array.from({ length: 50 }, (_, at) => `1\r\n${at % 10}\r\n`).join('')
    script = [
      { pieces: [`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`] },
    ]
    let text = ''
    let waiting = false
    await upstream.send(request(), {
      head: () => {},
      piece(bytes, resume) {
        assert.equal(waiting, false)
        waiting = true
        text += Buffer.from(bytes).toString()
        setImmediate(() => {
          waiting = false
          resume()
        })
        return false
      },
    })
    assert.equal(text, '0123456789'.repeat(5))
    assert.equal((await ask(upstream, request())).status, 200)
    assert.equal(connections, 1)
  })

  it('never writes a value of two lines', async () => {
    const split = request({ headers: { 'user-agent': 'a\r\nX-Evil: 1' } })
    await assert.rejects(
      ask(upstream, split),
      (thrown) => thrown instanceof Failure && thrown.code === 'request.malformed',
    )
    assert.equal(heard.length, 0)
  })

  it('a signal ends it at once, and the line with it', async () => {
    script = [{ pieces: [] }]
    const end = new AbortController()
    const asked = ask(upstream, request(), end.signal)
    while (heard.length === 0) await turn()
    end.abort(new Error('withdrawn'))
    await assert.rejects(asked, /withdrawn/)
    assert.equal((await ask(upstream, request())).status, 200)
    assert.equal(connections, 2)
  })
})
