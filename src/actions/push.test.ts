import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { Secret } from '../base/secret.ts'
import { createPush } from './push.ts'

// This also holds src/webhook/webhook.ts.

interface Heard {
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

const heard: Heard[] = []
let status = 200
let url = ''
const server = createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const body: unknown = JSON.parse(Buffer.concat(pieces).toString())
    heard.push({ path: request.url, headers: request.headers, body })
    response.writeHead(status, { location: '/elsewhere' }).end('{}')
  })
})
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  url = `http://127.0.0.1:${port}/hook`
})
after(() => void server.close())
beforeEach(() => {
  heard.length = 0
  status = 200
})

const message = { id: 'act_1', user: 'Anna@x', device: 'phone', title: 'T', message: 'M' }
const clock = systemClock

test('a webhook gets all of it, the token, and an id by which it knows a repetition', async () => {
  const push = createPush({ url, token: new Secret('s3cret'), clock })
  assert.equal(await push.send(message), 'sent')
  const [{ path, headers, body } = assert.fail()] = heard
  assert.deepEqual(body, message)
  assert.deepEqual(
    [path, headers.authorization, headers['idempotency-key']],
    ['/hook', 'Bearer s3cret', 'act_1'],
  )
})

test('with a topic it is what ntfy publishes, one topic per user', async () => {
  assert.equal(await createPush({ url, topic: 'mail-{user}', clock }).send(message), 'sent')
  assert.deepEqual(heard[0]?.body, { topic: 'mail-anna_x', title: 'T', message: 'M' })
})

test('what will never be taken is refused; what may pass is thrown, and no redirect is followed', async () => {
  const push = createPush({ url, clock })
  const later = (thrown: unknown) =>
    thrown instanceof Failure && thrown.code === 'upstream.unavailable'
  for (status of [400, 404, 410, 302]) assert.equal(await push.send(message), 'refused')
  for (status of [401, 429, 500, 503]) await assert.rejects(push.send(message), later)
  assert.equal(heard.length, 8)
  const nobody = createPush({ url: 'http://127.0.0.1:9/', clock })
  await assert.rejects(nobody.send(message), later)
})
