import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Failure } from '../../src/base/failures.ts'
import { Secret } from '../../src/base/secret.ts'
import {
  ask,
  type HeaderValues,
  type Upstream,
  type UpstreamRequest,
} from '../../src/gateway/upstream.ts'
import { type FakeUpstream, startFakeUpstream } from '../fake/eas-upstream.ts'

const basic = (user: string, password: string) =>
  new Secret(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)

const request = (command: string, more: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'POST',
  query: `Cmd=${command}&User=alice&DeviceId=D1&DeviceType=Test`,
  headers: { 'ms-asprotocolversion': '14.1', 'user-agent': 'contract/1' },
  user: 'alice',
  authorization: basic('alice', 'secret'),
  repeatable: false,
  answerWithinMs: 2000,
  ...more,
})

const isUnavailable = (thrown: unknown): boolean =>
  thrown instanceof Failure && thrown.code === 'upstream.unavailable'

/** The law of every upstream: what reaches the mail server, what comes back, and how often. */
export function upstreamContract(name: string, make: (fake: FakeUpstream) => Upstream): void {
  describe(`upstream: ${name}`, () => {
    let fake: FakeUpstream
    let upstream: Upstream
    before(async () => {
      fake = await startFakeUpstream()
      upstream = make(fake)
    })
    after(async () => {
      await upstream.stop()
      await fake.stop()
    })
    beforeEach(() => {
      fake.reached.length = 0
      fake.dropIdleSockets(false)
    })

    it('carries method, query, headers and body, and the answer back', async () => {
      fake.script({
        act: { status: 207, headers: { 'x-answer': 'yes' }, body: Buffer.from('abc') },
      })
      const answer = await ask(upstream, request('Search', { body: Buffer.from([1, 2, 3]) }))
      assert.equal(answer.status, 207)
      assert.equal(answer.headers['x-answer'], 'yes')
      assert.equal(Buffer.from(answer.body).toString(), 'abc')
      const [got] = fake.reached
      assert.equal(got?.method, 'POST')
      assert.equal(got?.query.get('DeviceId'), 'D1')
      assert.equal(got?.headers['user-agent'], 'contract/1')
      assert.deepEqual([...(got?.body ?? [])], [1, 2, 3])
      assert.equal(got?.user, 'alice')
      assert.equal(got?.password, 'secret')
    })

    it('streams a body of 24 MB byte for byte', async () => {
      const size = 24 * 1024 * 1024
      const piece = randomBytes(65_536)
      const hash = createHash('sha256')
      async function* pieces() {
        for (let sent = 0; sent < size; sent += piece.length) {
          hash.update(piece)
          yield piece
        }
      }
      const body = Readable.from(pieces(), { objectMode: false })
      const headers = { 'content-length': `${size}`, 'content-type': 'message/rfc822' }
      const answer = await ask(upstream, request('SendMail', { body, headers }))
      assert.equal(answer.status, 200)
      assert.equal(fake.reached[0]?.size, size)
      assert.equal(fake.reached[0]?.sha256, hash.digest('hex'))
    })

    it('holds a large answer back while the sink is not ready', async () => {
      // A client library once threw out of reach of any catch when the server closed while its last piece was held back.
      const crashes: Error[] = []
      const note = (crash: Error) => void crashes.push(crash)
      process.prependListener('uncaughtException', note)
      fake.script({ act: { streamBytes: 8 * 1024 * 1024 } })
      let size = 0
      let waiting = 0
      let most = 0
      await upstream.send(request('ItemOperations'), {
        head: () => {},
        piece(bytes, resume) {
          size += bytes.length
          waiting += 1
          most = Math.max(most, waiting)
          setImmediate(() => {
            waiting -= 1
            resume()
          })
          return false
        },
      })
      assert.equal(size, 8 * 1024 * 1024)
      assert.ok(most <= 2, `${most} pieces came while the sink held back`)
      await new Promise((resolve) => setTimeout(resolve, 20))
      process.off('uncaughtException', note)
      assert.deepEqual(crashes, [])
    })

    it('repeats a repeatable request once when the connection dies before the answer', async () => {
      fake.script({ act: 'reset' })
      const answer = await ask(upstream, request('Settings', { repeatable: true }))
      assert.equal(answer.status, 200)
      assert.equal(fake.reached.length, 2)
      fake.script({ act: 'reset' }, { act: 'reset' })
      await assert.rejects(ask(upstream, request('Settings', { repeatable: true })), isUnavailable)
      assert.equal(fake.reached.length, 4)
    })

    it('never repeats what must not be doubled', async () => {
      fake.script({ act: 'reset' })
      await assert.rejects(
        ask(upstream, request('SendMail', { body: Buffer.from('x') })),
        isUnavailable,
      )
      assert.equal(fake.reached.length, 1)
    })

    it('survives a server that closes idle connections without notice', async () => {
      fake.dropIdleSockets(true)
      for (let round = 0; round < 10; round += 1) {
        const repeatable = round % 2 === 0
        const body = Buffer.from('x')
        const sent = await ask(upstream, request('SendMail', { repeatable, body }))
        assert.equal(sent.status, 200)
      }
      assert.equal(fake.reachedOf('SendMail').length, 10)
    })

    it('does not repeat a request whose answer had begun', async () => {
      fake.script({ act: 'resetInAnswer' })
      let head: number | undefined
      const sink = { head: (status: number) => void (head = status), piece: () => true }
      await assert.rejects(
        upstream.send(request('Settings', { repeatable: true }), sink),
        isUnavailable,
      )
      assert.equal(head, 200)
      assert.equal(fake.reached.length, 1)
    })

    it('gives up on an answer that does not begin in time, and does not ask again', async () => {
      fake.script({ act: 'hang' })
      const slow = request('Settings', { repeatable: true, answerWithinMs: 100 })
      await assert.rejects(ask(upstream, slow), isUnavailable)
      assert.equal(fake.reached.length, 1)
    })

    it('ends with the reason of the signal', async () => {
      fake.script({ act: 'hang' })
      const end = new AbortController()
      const running = ask(upstream, request('Ping'), end.signal)
      setTimeout(() => end.abort(new Error('withdrawn')), 50)
      await assert.rejects(running, /withdrawn/)
    })

    it('fails with upstream.unavailable while the server is down, and works again after', async () => {
      await fake.stop()
      await assert.rejects(ask(upstream, request('Settings', { repeatable: true })), isUnavailable)
      await fake.start()
      assert.equal((await ask(upstream, request('Settings', { repeatable: true }))).status, 200)
    })

    it('keeps several Set-Cookie headers apart', async () => {
      const cookies = ['a=1', 'b=2']
      let headers: HeaderValues = {}
      fake.script({ act: { status: 200, headers: { 'set-cookie': cookies } } })
      await upstream.send(request('Settings'), {
        head: (_status, got) => void (headers = got),
        piece: () => true,
      })
      assert.deepEqual(headers['set-cookie'], cookies)
    })
  })
}
