import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type Duplex, duplexPair } from 'node:stream'
import { it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { systemClock } from '../../base/clock.ts'
import type { Carried } from '../carried.ts'
import { NodeCarried } from '../node-carried.ts'
import { type Lane, openLane } from './lane.ts'

// This also holds src/gateway/lane/line.ts: whatever bytes come, in whatever pieces, the lane and node:http together read
// what node:http alone reads.

interface Read {
  readonly head: string
  body: string | undefined
}

/** Everything that a server makes of these pieces: with the lane before it, or alone. */
async function readBy(carrier: 'lane' | 'node', pieces: readonly Buffer[]) {
  const reads: Read[] = []
  let onLane = 0
  const serve = (carried: Carried) => {
    const { method, url, headers } = carried
    const read: Read = { head: JSON.stringify([method, url, headers]), body: undefined }
    reads.push(read)
    const reading = async () => await carried.readBody()
    reading().then(
      (body) => {
        read.body = Buffer.from(body).toString('latin1')
        carried.reply({ status: 200, body: Buffer.from('answer') })
      },
      () => carried.reply({ status: 400 }),
    )
  }
  const server = createServer((req, res) => serve(new NodeCarried(req, res, systemClock)))
  // As listening does: node:http then counts its connections.
  server.emit('listening')
  let lane: Lane | undefined
  if (carrier === 'lane') {
    const isOurs = (url: string) => url.startsWith('/Microsoft-Server-ActiveSync')
    const counted = (carried: Carried) => {
      onLane += 1
      serve(carried)
    }
    lane = openLane(server, { isOurs, serve: counted, clock: systemClock })
  }
  const [client, socket] = duplexPair()
  for (const end of [client, socket]) end.on('error', () => {})
  client.resume()
  server.emit('connection', socket)
  for (const piece of pieces) {
    if (!socket.destroyed) client.write(piece)
    await settle(socket)
  }
  await settle(socket)
  client.destroy()
  lane?.close()
  server.closeAllConnections()
  server.close()
  return { reads, onLane }
}

// In memory all that follows from a piece is done within a few turns.
async function settle(socket: Duplex): Promise<void> {
  for (let turns = 0; turns < 8 && !socket.destroyed; turns++) await turn()
}

/** What node:http alone reads must be what the lane read, as far as it came before it met something malformed. */
async function assertSame(pieces: readonly Buffer[]): Promise<number> {
  const [lane, node] = [await readBy('lane', pieces), await readBy('node', pieces)]
  assert.ok(lane.reads.length <= node.reads.length, 'the lane reads a request that is none')
  for (const [at, alone] of node.reads.entries()) {
    const read = lane.reads[at]
    // A malformed request after it takes a request of node:http away before its body has come.
    if (alone.body === undefined) continue
    assert.equal(read?.head, alone.head)
    assert.equal(read?.body, alone.body)
  }
  for (const [at, read] of lane.reads.entries()) assert.equal(read.head, node.reads[at]?.head)
  return lane.onLane
}

const plain = (body: string, more = ''): string =>
  `POST /Microsoft-Server-ActiveSync?Cmd=Sync&User=a HTTP/1.1\r\nHost: mail.corp.test\r\n${more}Content-Type: application/vnd.ms-sync.wbxml\r\nContent-Length: ${body.length}\r\n\r\n${body}`

const cut = (text: string, at: readonly number[]): Buffer[] => {
  const bytes = Buffer.from(text, 'latin1')
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...places]
    .map((from, index) => bytes.subarray(from, places[index]))
    .filter((p) => p.length > 0)
}

const oddFields = fc.constantFrom(
  'Connection: close\r\n',
  'Connection: upgrade\r\nUpgrade: h2c\r\n',
  'Expect: 100-continue\r\n',
  'Transfer-Encoding: chunked\r\n',
  'transfer-encoding : chunked\r\n',
  'Content-Length: 3\r\n',
  'content-length: +5\r\n',
  'Content-Length: 1, 1\r\n',
  'Host: other\r\n',
  'X-A: b\r\n c\r\n',
  'X-A:\r\n',
  'X-A: b \r\n',
  'X-A:   b\r\n',
  'X-A: \xe9\r\n',
  'X_A: b\r\n',
  'constructor: b\r\n',
  '__proto__: b\r\n',
  'Cookie: a=1\r\nCookie: b=2\r\n',
)
const plainFields = fc.constantFrom('', 'Connection: keep-alive\r\n', 'X-MS-PolicyKey:0\r\n')
const fields = fc.oneof({ weight: 4, arbitrary: plainFields }, { weight: 1, arbitrary: oddFields })
const requests = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.string({ unit: 'binary-ascii', maxLength: 20 }), fields)
      .map(([body, more]) => plain(body, more)),
  },
  { weight: 1, arbitrary: fc.constant('GET /portal HTTP/1.1\r\nHost: x\r\n\r\n') },
  { weight: 1, arbitrary: fc.constant('\r\n') },
  {
    weight: 1,
    arbitrary: fc.constant(
      'POST /Microsoft-Server-ActiveSync HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
    ),
  },
)
const mutations = fc.array(
  fc.record({
    at: fc.nat(),
    drop: fc.nat(2),
    put: fc.constantFrom(
      '',
      '\r',
      '\n',
      '\r\n',
      ' ',
      '\t',
      ':',
      '\0',
      '\x7f',
      '\xff',
      '0',
      '9',
      '-',
      ',',
      '#',
      '?',
      'HTTP/1.0',
      'GET ',
    ),
  }),
  { maxLength: 3 },
)

const mutated = (
  text: string,
  changes: readonly { at: number; drop: number; put: string }[],
): string =>
  changes.reduce((now, { at, drop, put }) => {
    const place = at % (now.length + 1)
    return now.slice(0, place) + put + now.slice(place + drop)
  }, text)

it('law: mutated and pipelined requests are read as node:http alone reads them, or handed over', async () => {
  let onLane = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(requests, { minLength: 1, maxLength: 4 }),
      mutations,
      fc.array(fc.nat(), { maxLength: 4 }),
      async (list, changes, cuts) => {
        onLane += await assertSame(cut(mutated(list.join(''), changes), cuts))
      },
    ),
    { numRuns: 400 },
  )
  assert.ok(onLane > 100, `only ${onLane} requests went over the lane`)
})

it('law: bytes without any sense are read as node:http alone reads them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      await assertSame([Buffer.from(bytes)])
    }),
    { numRuns: 100 },
  )
})

it('requests cut at every byte are the same requests', async () => {
  const text = plain('ab') + plain('') + plain('c', 'X-A: b \r\n')
  for (let at = 1; at < text.length; at++) {
    const onLane = await assertSame(cut(text, [at]))
    assert.equal(onLane, 2)
  }
})
