import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, test } from 'node:test'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { z } from 'zod'
import { silentLog } from '../base/log.ts'
import { Secret } from '../base/secret.ts'
import { keysInMemory } from '../../test/fake/history.ts'
import {
  type JudgingRooms,
  openedPerTest,
  type Phone,
  policyOf,
  storeFile,
  until,
} from '../../test/fake/judging-rooms.ts'
import { complianceChangeType } from './security-event.ts'
import { createSignals, type Signals } from './signals.ts'

// This also holds src/signals/delivery.ts, src/signals/signing.ts and src/signals/security-event.ts.

const issuer = 'https://mail.example.org'
const audience = 'https://sso.example.org/events'

const { endings, open } = openedPerTest()

/** A receiver as RFC 8935 describes it, that answers what it is told to. */
let heard: { path: string | undefined; headers: IncomingHttpHeaders; token: string }[] = []
let answer: { status: number; body?: string; location?: string } = { status: 202 }
let url = ''
const server = createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    heard.push({
      path: request.url,
      headers: request.headers,
      token: Buffer.concat(pieces).toString(),
    })
    const { status, body = '', location } = answer
    response.writeHead(status, location === undefined ? {} : { location }).end(body)
  })
})
beforeEach(async () => {
  heard = []
  answer = { status: 202 }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  url = `http://127.0.0.1:${port}/events`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const keys = keysInMemory()

async function signalsOf(rooms: JudgingRooms, told = true): Promise<Signals> {
  const signals = await createSignals({
    ...rooms,
    log: silentLog,
    keys,
    receiver: told ? { url, audience, token: new Secret('s3cret') } : undefined,
    issuer: () => issuer,
    explain: ({ rule, measured }) => `${rule}: ${measured}`,
  })
  endings.push(() => signals.stop())
  return signals
}

const body = z.object({
  sub_id: z.object({
    format: z.literal('complex'),
    device: z.object({ format: z.literal('iss_sub'), iss: z.string(), sub: z.string() }),
    user: z.object({ format: z.literal('email'), email: z.string() }).optional(),
  }),
  events: z.object({
    [complianceChangeType]: z.strictObject({
      previous_status: z.enum(['compliant', 'not-compliant']),
      current_status: z.enum(['compliant', 'not-compliant']),
      event_timestamp: z.number().int(),
      initiating_entity: z.literal('policy'),
      reason_admin: z.object({ en: z.string().min(1) }),
    }),
  }),
})

/** What the conformance checks of Shared Signals look at, then the event itself. */
async function read(token: string, signals: Signals) {
  const keySet = createLocalJWKSet(signals.transmitter?.keySet as JSONWebKeySet) // as jose made it
  const { payload, protectedHeader } = await jwtVerify(token, keySet, {
    issuer,
    audience,
    typ: 'secevent+jwt',
    algorithms: ['RS256'],
  })
  assert.ok(protectedHeader.kid)
  assert.ok(payload.jti)
  assert.ok(payload.iat !== undefined && payload.iat * 1000 <= Date.now())
  for (const banned of ['sub', 'exp']) assert.ok(!(banned in payload), banned)
  assert.equal(Object.keys(payload['events'] ?? {}).length, 1)
  const { sub_id: subject, events } = body.parse(payload)
  const { [complianceChangeType]: event } = events
  return { jti: payload.jti, subject, event }
}

async function phoneOfAlice(rooms: JudgingRooms): Promise<Phone> {
  await rooms.compliance.deploy([policyOf({ passwordRequired: true })], 'test')
  const { id } = await rooms.user('alice')
  const phone = await rooms.phone(id, { passwordRequired: true })
  await stateIs(rooms, phone, 'compliant')
  return phone
}

const stateIs = (rooms: JudgingRooms, phone: Phone, state: string) =>
  until(async () => (await rooms.compliance.verdict(phone.device))?.state === state)

const turn = async (rooms: JudgingRooms, phone: Phone, passwordRequired: boolean) => {
  await rooms.report(phone, { passwordRequired })
  await stateIs(rooms, phone, passwordRequired ? 'compliant' : 'noncompliant')
}

test('case 37 (identity-and-access 9): a device that loses compliance, and one that regains it, is one signed event each', async () => {
  const rooms = await open()
  const signals = await signalsOf(rooms)
  const phone = await phoneOfAlice(rooms)
  await turn(rooms, phone, false)
  await until(() => heard.length === 1)
  await turn(rooms, phone, true)
  await until(() => heard.length === 2)
  const [lost, regained] = await Promise.all(heard.map(({ token }) => read(token, signals)))
  assert.ok(lost && regained)
  assert.deepEqual(
    [lost, regained].map(({ event }) => [event.previous_status, event.current_status]),
    [
      ['compliant', 'not-compliant'],
      ['not-compliant', 'compliant'],
    ],
  )
  assert.equal(lost.subject.device.sub, phone.device)
  assert.equal(lost.subject.user?.email, 'alice@example.org')
  assert.equal(lost.event.reason_admin.en, 'passwordRequired: false')
  assert.notEqual(lost.jti, regained.jti)
  const [{ headers } = assert.fail()] = heard
  assert.equal(headers['content-type'], 'application/secevent+jwt')
  assert.equal(headers.authorization, 'Bearer s3cret')
})

test('what stays on its side of the line, and a first verdict, are no events; a device that is retired is', async () => {
  const rooms = await open()
  const signals = await signalsOf(rooms)
  const phone = await phoneOfAlice(rooms)
  // In grace it may do everything.
  const inGrace = policyOf({ passwordRequired: true }, { gracePeriodHours: 24 })
  await rooms.compliance.deploy([inGrace], 'test')
  await rooms.report(phone, { passwordRequired: false })
  await stateIs(rooms, phone, 'inGracePeriod')
  await rooms.devices.retire(phone.device)
  await until(() => heard.length === 1)
  const { event } = await read(heard[0]?.token ?? '', signals)
  assert.deepEqual([event.previous_status, event.current_status], ['compliant', 'not-compliant'])
  assert.equal(event.reason_admin.en, 'The device was retired.')
})

test('what the gate lets in is compliant: whom no policy is for, and who was healthy before an error', async () => {
  const rooms = await open()
  const signals = await signalsOf(rooms)
  const phone = await phoneOfAlice(rooms)
  await rooms.compliance.deploy(
    [policyOf({ passwordRequired: true }, { platform: 'windows' })],
    'test',
  )
  await stateIs(rooms, phone, 'notApplicable')
  await rooms.compliance.deploy(
    [policyOf({ osMinimumVersion: '17' }, { notReported: 'compliant' })],
    'test',
  )
  await rooms.report(phone, { osVersion: '17.4' })
  await stateIs(rooms, phone, 'compliant')
  await rooms.report(phone, { osVersion: 'no version at all' })
  await stateIs(rooms, phone, 'error')
  await rooms.report(phone, { osVersion: '16.0' })
  await stateIs(rooms, phone, 'noncompliant')
  await until(() => heard.length >= 1)
  const told = await Promise.all(heard.map(({ token }) => read(token, signals)))
  assert.deepEqual(
    told.map(({ event }) => [event.previous_status, event.current_status, event.reason_admin.en]),
    [['compliant', 'not-compliant', 'osMinimumVersion: 16.0']],
  )
})

test('a receiver that is down hears all it missed, in order, from whatever node is there then', async () => {
  const { url: file, remove } = storeFile()
  endings.push(remove)
  const first = await open({ url: file })
  const signals = await signalsOf(first)
  const phone = await phoneOfAlice(first)
  answer = { status: 503 }
  await turn(first, phone, false)
  await until(() => heard.length > 0)
  await turn(first, phone, true)
  await signals.stop()
  await first.stop()
  answer = { status: 202 }
  heard = []
  const second = await open({ url: file })
  const again = await signalsOf(second)
  await until(() => heard.length >= 2)
  const told = await Promise.all(heard.map(({ token }) => read(token, again)))
  assert.deepEqual(
    told.map(({ event }) => event.current_status),
    ['not-compliant', 'compliant'],
  )
})

test('an event that the receiver refuses for good holds nothing up; a redirect takes the token nowhere', async () => {
  const rooms = await open()
  const signals = await signalsOf(rooms)
  const phone = await phoneOfAlice(rooms)
  answer = { status: 400, body: `{"err":"invalid_key","description":"${'x'.repeat(100_000)}"}` }
  await turn(rooms, phone, false)
  await until(() => heard.length === 1)
  answer = { status: 307, location: url.replace('/events', '/elsewhere') }
  await turn(rooms, phone, true)
  await until(() => heard.length >= 2)
  answer = { status: 202 }
  const before = heard.length
  await until(() => heard.length > before)
  const told = await Promise.all(heard.map(({ token }) => read(token, signals)))
  assert.equal(new Set(told.map(({ jti }) => jti)).size, 2)
  assert.deepEqual([...new Set(heard.map(({ path }) => path))], ['/events'])
})

test('without a receiver nothing is kept, so that one of tomorrow is not told of yesterday', async () => {
  const { url: file, remove } = storeFile()
  endings.push(remove)
  const rooms = await open({ url: file })
  const silent = await signalsOf(rooms, false)
  assert.equal(silent.transmitter, undefined)
  const phone = await phoneOfAlice(rooms)
  await turn(rooms, phone, false)
  await silent.stop()
  const signals = await signalsOf(rooms)
  await turn(rooms, phone, true)
  await until(() => heard.length === 1)
  const { event } = await read(heard[0]?.token ?? '', signals)
  assert.equal(event.current_status, 'compliant')
})
