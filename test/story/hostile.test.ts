import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect as connectPlain } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { gzipSync } from 'node:zlib'
import type { EasClient } from '../../src/phone/phone.ts'
import { type Child, newPlace, startChild } from './child.ts'
import { basic, type HttpAsk, send } from './http.ts'
import { eventually, settle, subjects } from './site.ts'
import { phoneAt } from './visitor.ts'

const megabyte = 1_048_576
const password = 'correct horse battery'
const eas = '/Microsoft-Server-ActiveSync'

// One Postern in a process of its own. Hundreds of slow connections are open from the first test to the last.
describe('under attack', () => {
  let child: Child
  let phone: EasClient
  let slow: readonly { readonly ended: boolean }[]
  const ends: (() => Promise<void> | void)[] = []
  before(async () => {
    const forLater = { after: (end: () => Promise<void> | void) => void ends.unshift(end) }
    child = await startChild(forLater, await newPlace(forLater))
    for (const name of ['alice', 'bob', 'carol'])
      await child.administrator.call('POST', '/users', {
        userPrincipalName: name,
        mail: `${name}@example.org`,
        password,
      })
    phone = phoneOf('alice')
    await settle(phone)
    slow = Array.from({ length: 300 }, (_, n) => openSlow(child, n))
  })
  after(async () => {
    for (const end of ends) await end()
  })

  const phoneOf = (user: string) => phoneAt(child, { user, password, deviceId: `${user}1` })

  /** A phone goes on as if nothing were. */
  const assertServed = async () => {
    const since = performance.now()
    assert.equal((await phone.folderSync()).status, 1)
    assert.ok(performance.now() - since < 3000)
  }

  test('10 MB of garbage to each door: refused in a word, and not kept in memory', async () => {
    await assertServed()
    const before = memoryOf(child)
    for (const [what, ask] of Object.entries(garbage())) {
      const statuses = await Promise.all([attempt(child, ask), attempt(child, ask)])
      for (const status of statuses)
        assert.ok(status === 'closed' || (status >= 400 && status < 500), `${what}: ${status}`)
      await assertServed()
    }
    const after = memoryOf(child)
    console.log(
      `  peak memory ${(before / megabyte).toFixed(0)} MB before, ${(after / megabyte).toFixed(0)} MB after`,
    )
    assert.ok(after - before < 150 * megabyte)
  })

  test('garbage that is no HTTP, no TLS or no SMTP ends its connection and nothing else', async () => {
    const { hostname, port } = new URL(child.url)
    const where = { host: hostname, port: Number(port) }
    const bytes = randomBytes(megabyte)
    const tls = { ...where, ca: child.authority, servername: 'localhost' }
    for (const open of [() => connectPlain(where), () => connectTls(tls)])
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const socket = open()
          socket.on('error', () => {})
          socket.end(bytes)
          socket.resume()
          await new Promise((resolve) => socket.once('close', resolve))
        }),
      )
    await assertServed()
  })

  test('a mail that is garbage is delivered, and spoils no mailbox', async () => {
    const path = '/postern/mailboxes/carol/messages'
    const { call } = child.administrator
    for (const message of [
      randomBytes(10 * megabyte),
      deepMail(),
      Buffer.from('Subject: after\r\n\r\nx'),
    ])
      await call('POST', path, message)
    const carol = phoneOf('carol')
    await settle(carol)
    assert.equal(carol.mails().size, 3)
    assert.ok(subjects(carol).includes('after'))
  })

  test('1,000 wrong passwords: slowed down, and nobody else notices', async () => {
    const ask = (user: string, secret: string, from: string): HttpAsk => ({
      method: 'OPTIONS',
      path: eas,
      headers: basic(user, secret),
      from,
    })
    // Bob's own phone, at its address, before the attack.
    assert.equal((await send(child, ask('bob', password, '127.0.0.2'))).status, 200)
    const tally = new Map<number, number>()
    let guess = 0
    const attack = async () => {
      while (guess < 1000) {
        const answer = await send(child, ask('bob', `guess ${guess++}`, '127.0.0.66'))
        tally.set(answer.status, (tally.get(answer.status) ?? 0) + 1)
        if (answer.status === 503) assert.ok(Number(answer.headers['retry-after']) > 0)
      }
    }
    const attacking = Promise.all(Array.from({ length: 10 }, attack))
    for (let round = 0; round < 5; round++) {
      assert.equal((await send(child, ask('bob', password, '127.0.0.2'))).status, 200)
      await assertServed()
      await pause(100)
    }
    await attacking
    console.log(`  ${[...tally].map(([status, count]) => `${count} times ${status}`).join(', ')}`)
    assert.deepEqual(
      [...tally.keys()].sort((a, b) => a - b),
      [401, 503],
    )
    assert.ok((tally.get(401) ?? 0) < 30)
    // Not even the right one is let in from there now; elsewhere it is, and so is a user who was never here before.
    assert.equal((await send(child, ask('bob', password, '127.0.0.66'))).status, 503)
    assert.equal((await send(child, ask('bob', password, '127.0.0.2'))).status, 200)
    assert.equal((await send(child, ask('carol', password, '127.0.0.3'))).status, 200)
    const signIn = await send(child, {
      method: 'POST',
      path: '/v1.0/session',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'bob', password }),
      from: '127.0.0.66',
    })
    assert.equal(signIn.status, 429)
    assert.ok(Number(signIn.headers['retry-after']) > 0)
  })

  test('slow loris: hundreds of connections that say a byte a second kept nobody out, and are ended', async () => {
    // The head of a request may take 20 s, and is looked after every 5.
    await eventually(() => slow.every((one) => one.ended), 'slow connections are ended', 30_000)
    await assertServed()
    assert.deepEqual(
      child.complaints().filter((line) => line.includes('"internal"')),
      [],
    )
  })
})

/** Each door, with what it reads and what it reads only of who has signed in. */
function garbage(): Readonly<Record<string, HttpAsk>> {
  const body = randomBytes(10 * megabyte)
  const query = 'Cmd=FolderSync&User=alice&DeviceId=HOSTILE&DeviceType=iPhone'
  const alice = basic('alice', password)
  const wbxml = { 'content-type': 'application/vnd.ms-sync.wbxml', 'ms-asprotocolversion': '14.1' }
  const post = (path: string, headers: HttpAsk['headers'], bytes: Uint8Array = body): HttpAsk => ({
    method: 'POST',
    path,
    headers: headers ?? {},
    body: bytes,
  })
  const bomb = gzipSync(Buffer.alloc(100 * megabyte))
  const start = Buffer.concat([Buffer.from([3, 1, 106, 0, 69]), body])
  const json = { 'content-type': 'application/json' }
  return {
    'EAS as nobody': post(`${eas}?${query}`, wbxml),
    'EAS as alice': post(`${eas}?${query}`, { ...wbxml, ...alice }),
    'EAS that begins well': post(`${eas}?${query}`, { ...wbxml, ...alice }, start),
    'EAS in chunks': post(`${eas}?${query}`, {
      ...wbxml,
      ...alice,
      'transfer-encoding': 'chunked',
    }),
    'EAS as a bomb': post(
      `${eas}?${query}`,
      { ...wbxml, ...alice, 'content-encoding': 'gzip' },
      bomb,
    ),
    'EAS with a long query': post(`${eas}?${'x'.repeat(12_000)}`, { ...wbxml, ...alice }),
    Autodiscover: post('/autodiscover/autodiscover.xml', { 'content-type': 'text/xml', ...alice }),
    'the API': post('/v1.0/users', json),
    'sign-in': post('/v1.0/session', json),
    'a report': post('/v1.0/enrollment/reports', { 'content-type': 'application/jose' }),
    'a page': post('/portal/', { 'content-type': 'text/html' }),
  }
}

/** The status, or `closed`: a server need not read all of a body that it refuses. */
async function attempt(child: Child, ask: HttpAsk): Promise<number | 'closed'> {
  try {
    return (await send(child, ask)).status
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)
    assert.ok(['ECONNRESET', 'EPIPE'].includes(code), code)
    return 'closed'
  }
}

/** The most memory that the process has had so far, in bytes. */
function memoryOf({ pid }: Child): number {
  const [, kilobytes] =
    /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

/** Parts in parts in parts, none of them closed. */
function deepMail(): Buffer {
  const parts = Array.from(
    { length: 5000 },
    (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`,
  )
  return Buffer.from(`Subject: deep\r\n${parts.join('')}`)
}

/** A request whose head never ends; every third one does not even get to TLS. */
function openSlow(child: Child, number: number): { readonly ended: boolean } {
  const { hostname, port } = new URL(child.url)
  const where = { host: hostname, port: Number(port) }
  const plain = number % 3 === 0
  const socket = plain
    ? connectPlain(where)
    : connectTls({ ...where, ca: child.authority, servername: 'localhost' })
  const state = { ended: false }
  let timer: NodeJS.Timeout | undefined
  socket.on('error', () => {})
  socket.on('close', () => {
    clearInterval(timer)
    state.ended = true
  })
  socket.resume()
  if (!plain) {
    socket.write(`POST ${eas} HTTP/1.1\r\nHost: localhost\r\nX-Slow: `)
    timer = setInterval(() => socket.write('x'), 1000)
  }
  return state
}
