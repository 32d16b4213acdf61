import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { connect } from 'node:tls'
import { limits } from '../../src/base/limits.ts'
import { provisionDocument } from '../../src/phone/documents.ts'
import type { EasClient } from '../../src/phone/phone.ts'
import { commandsOf } from '../../src/wire/eas/commands.ts'
import { type EasVersion, easVersions } from '../../src/wire/eas/version.ts'
import { tagName } from '../../src/wire/wbxml/tokens.ts'
import { childrenOf, type Element, readWbxml, textOf } from '../../src/wire/wbxml/wbxml.ts'
import { type House, startHouse } from '../house.ts'
import { decodedByLibwbxml, shapeOf } from '../libwbxml.ts'
import { type Album, askEverything, createAlbum, folderChange, type Place } from './album.ts'
import { createHostileBytes } from '../wbxml-documents.ts'
import { basic, type Front, healthyPhone, openFront, organization, setUp } from './front.ts'
import { heardIn } from './heard-log.ts'
import { type RealSogo, startSogo } from './sogo.ts'

const policyType = 'MS-EAS-Provisioning-WBXML'

describe('EAS acceptance over SOGo: what is emitted', () => {
  let sogo: RealSogo
  before(async () => {
    sogo = await startSogo()
  })
  after(() => sogo?.stop())

  test('18: every emitted answer is read alike by libwbxml and by us', async (t) => {
    const album = createAlbum()
    await sogo.deliver('alice', 'Ünïcode & <markup> 日本')
    const front = await openFront(t, sogo)
    await front.enforce()
    for (const version of easVersions) await tourOfStates(album, front, version)
    await refusals(album, front)
    await goodbyes(t, album, front)
    const own = await startHouse()
    t.after(own.stop)
    await tourOfOwn(album, own)
    const statuses = new Set<string>()
    const documents = [...album.documents.values()]
    const decoded = await decodedByLibwbxml(documents.map(({ bytes }) => bytes))
    for (const [at, { bytes, asked }] of documents.entries()) {
      const root = readWbxml(bytes)
      assert.deepEqual(decoded[at], shapeOf(root), asked)
      for (const status of statusesIn(root)) statuses.add(status)
    }
    t.diagnostic(`${documents.length} documents, ${statuses.size} statuses of commands`)
    assert.ok(documents.length > 300, `${documents.length}`)
    for (const status of expectedStatuses) assert.ok(statuses.has(status), status)
  })

  test('18: hostile WBXML is refused at once, reaches nobody and does no harm', async (t) => {
    const lines: string[] = []
    const front = await openFront(t, sogo, {}, { log: heardIn(lines) })
    await front.enforce()
    const phone = front.house.phone('alice', 'Fuzz18')
    await setUp(phone)
    const before = await front.reached('Fuzz18')
    for (const { what, body, allowed } of hostileBodies)
      for (const command of ['FolderSync', 'Sync', 'Ping', 'Settings', 'ItemOperations'] as const) {
        const told: string[] = []
        let quickest = Number.POSITIVE_INFINITY
        // The quickest of a few: a pause of this machine is not slowness of the reader.
        for (let round = 0; round < 8 && (round < 2 || quickest > 50); round++) {
          const asked = performance.now()
          const { http, status } = await phone.call(command, body)
          quickest = Math.min(quickest, performance.now() - asked)
          told.push(`${http} ${status}`)
        }
        for (const each of told) assert.ok(allowed.includes(each), `${what}, ${command}: ${each}`)
        assert.ok(quickest < 50, `${what}, ${command}: ${quickest} ms`)
      }
    for (const framing of ['Content-Length: 10485760', 'Transfer-Encoding: chunked']) {
      const times: number[] = []
      for (let round = 0; round < 5; round++) {
        const { head, ms } = await uploadNested(
          front,
          framing,
          `X-MS-PolicyKey: ${phone.policyKey}`,
        )
        assert.match(head, /^HTTP\/1\.1 413 /)
        times.push(ms)
      }
      assert.ok(Math.min(...times) < 50, `${framing}: ${times.join(' ')}`)
    }
    assert.deepEqual(await front.reached('Fuzz18'), before)
    assert.equal((await phone.folderSync()).status, 1)
    assert.deepEqual(
      lines.filter((line) => line.includes('internal')),
      [],
    )
  })

  test('18: a thousand mutated bodies are answered, and the memory comes back', async (t) => {
    const lines: string[] = []
    const front = await openFront(t, sogo, {}, { log: heardIn(lines) })
    await front.apply(organization({ defaultAccessLevel: 'quarantine' }))
    await front.enforce()
    const phone = front.house.phone('alice', 'Mutant18')
    await setUp(phone)
    const next = createHostileBytes(18)
    const commands = commandsOf('14.1').filter((command) => command !== 'Ping')
    const https = new Set<number>()
    const ask = async (count: number) => {
      for (let each = 0; each < count; each++) {
        const command = commands[each % commands.length] ?? 'Sync'
        https.add((await phone.call(command, next())).http)
      }
    }
    await ask(200)
    const { heapUsed } = process.memoryUsage()
    await Promise.all(Array.from({ length: 4 }, () => ask(200)))
    const grown = process.memoryUsage().heapUsed - heapUsed
    t.diagnostic(`the heap grew by ${(grown / 2 ** 20).toFixed(0)} MB`)
    assert.ok(grown < 128 * 2 ** 20, `${grown} bytes`)
    for (const http of https) assert.ok([200, 400, 403, 413, 449].includes(http), `${http}`)
    assert.deepEqual(
      lines.filter((line) => line.includes('internal')),
      [],
    )
    assert.deepEqual(await front.reached('Mutant18'), [])
  })
})

const header = [0x03, 0x01, 0x6a, 0x00]
/** FolderSync with a SyncKey of `0`, whole. */
const whole = [...header, 0x00, 0x07, 0x56, 0x52, 0x03, 0x30, 0x00, 0x01, 0x01]
const deep = (size: number) => Buffer.concat([Buffer.from(header), Buffer.alloc(size, 0x45)])
/** Malformed: 102, or the command's own word for it. */
const malformed = ['400 102', '400 4', '200 4', '200 2', '400 undefined']
const tooLarge = ['413 101', ...malformed]

const hostileBodies: readonly {
  readonly what: string
  readonly body: Uint8Array
  readonly allowed: readonly string[]
}[] = [
  { what: 'cut in a text', body: Buffer.from(whole.slice(0, -3)), allowed: malformed },
  { what: 'cut before its end', body: Buffer.from(whole.slice(0, -1)), allowed: malformed },
  { what: 'no more than a header', body: Buffer.from(header), allowed: malformed },
  {
    what: 'a length without end',
    body: Buffer.from([...header, 0x45, 0xc3, ...Array.from({ length: 9 }, () => 0xff)]),
    allowed: malformed,
  },
  {
    what: 'a length beyond the end',
    body: Buffer.from([...header, 0x45, 0xc3, 0x8f, 0xff, 0xff, 0x7f, 0x00, 0x01]),
    allowed: malformed,
  },
  { what: 'a megabyte of nested elements', body: deep(2 ** 20 - 4), allowed: tooLarge },
  {
    what: 'an unknown page',
    body: Buffer.from([...header, 0x00, 0x63, 0x45, 0x01]),
    allowed: malformed,
  },
  {
    what: 'an unknown token',
    body: Buffer.from([...header, 0x00, 0x07, 0x7f, 0x01]),
    allowed: malformed,
  },
  {
    what: 'a string table',
    body: Buffer.from([
      0x03, 0x01, 0x6a, 0x05, 0x61, 0x62, 0x63, 0x64, 0x00, 0x45, 0x83, 0x00, 0x01,
    ]),
    allowed: malformed,
  },
  {
    what: 'a public id in the string table',
    body: Buffer.from([0x03, 0x00, 0x00, 0x6a, 0x04, 0x61, 0x62, 0x63, 0x00, 0x45, 0x01]),
    allowed: malformed,
  },
  { what: 'an entity', body: Buffer.from([...header, 0x45, 0x02, 0x20, 0x01]), allowed: malformed },
]

/** Uploads ten megabytes of nested elements, and no more of them than are taken; the time from the head to the answer. */
async function uploadNested({ house }: Front, ...headers: readonly string[]) {
  const { hostname, port } = new URL(house.url)
  const socket = connect({ host: hostname, port: Number(port), ca: house.authority })
  socket.on('error', () => {}) // the answer came first: that is looked at
  await once(socket, 'secureConnect')
  const piece = deep(65_536)
  const chunk = headers[0]?.startsWith('T')
    ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
    : piece
  const query = 'Cmd=FolderSync&User=alice&DeviceId=Fuzz18&DeviceType=iPhone'
  const lines = [
    `POST /Microsoft-Server-ActiveSync?${query} HTTP/1.1`,
    'Host: x',
    'MS-ASProtocolVersion: 14.1',
    ...headers,
    `Authorization: ${basic('alice').authorization}`,
  ]
  const answered = once(socket, 'data')
  const begun = performance.now()
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const pour = () => {
    while (socket.writable && socket.write(chunk));
  }
  socket.on('drain', pour)
  pour()
  const [head]: unknown[] = await answered
  const ms = performance.now() - begun
  socket.destroy()
  return { head: String(head), ms }
}

const expectedStatuses = [
  ...[1, 9, 108, 109, 111, 129, 142, 143, 177].map((status) => `FolderSync ${status}`),
  ...[1, 3, 4, 12, 14, 101, 102].map((status) => `Sync ${status}`),
  ...[3, 5, 6, 7].map((status) => `Ping ${status}`),
  ...[118, 130].map((status) => `SendMail ${status}`),
  ...[1, 139, 145, 165].map((status) => `Provision ${status}`),
]

/** `Command status` of the whole, and of its collections. */
function statusesIn(root: Element): string[] {
  const name = (tag: number) => tagName(tag)?.split(':')[1] ?? ''
  const walk = (parent: Element): string[] =>
    childrenOf(parent).flatMap((child) =>
      name(child.tag) === 'Status' ? [`${name(root.tag)} ${textOf(child)}`] : walk(child),
    )
  return walk(root)
}

async function placeOf(phone: EasClient): Promise<Place> {
  const [mail = ''] = phone.mails().keys()
  return { inbox: phone.inbox, mail, other: phone.folder(4) }
}

/** Without a policy, quarantined, blocked; for versions that SOGo speaks too, allowed and under a changed policy. */
async function tourOfStates(album: Album, front: Front, version: EasVersion): Promise<void> {
  const deviceId = `Tour18x${version.replace('.', '')}`
  const phone = album.watch(front.house.phone('alice', deviceId, { version }))
  await front.apply(organization({ defaultAccessLevel: 'quarantine' }))
  await askEverything(phone, { inbox: 'x', mail: 'y', other: 'z' })
  await setUp(phone)
  await phone.syncAll(phone.inbox, { bodies: [{ type: 2 }, { type: 1 }] })
  const held = await placeOf(phone)
  await askEverything(phone, held)
  await phone.fetch(held.inbox, held.mail, [{ type: 1 }], { multipart: true })
  if (version === '12.1' || version === '14.1') await tourOfMail(front, phone)
  await front.judge(deviceId, 'block')
  await askEverything(phone, held)
}

async function tourOfMail(front: Front, phone: EasClient): Promise<void> {
  const gateKey = phone.folderKey
  await front.apply(organization({}))
  await phone.sync()
  for (const command of ['FolderCreate', 'FolderDelete', 'FolderUpdate'] as const)
    await phone.call(command, folderChange(command, gateKey))
  await phone.estimate()
  await setUp(phone)
  // SOGo names its complaint about a folder that is none WBXML, and writes it in plain words.
  const unlike = ['FolderCreate', 'FolderDelete', 'FolderUpdate'] as const
  const place = await placeOf(phone)
  await askEverything(phone, place, unlike)
  await front.apply(organization({ mailboxPolicy: { minDevicePasswordLength: 6 } }))
  await askEverything(phone, place)
}

/** What is wrong with a request, or with its moment. */
async function refusals(album: Album, front: Front): Promise<void> {
  const place = { inbox: 'x', mail: 'y', other: 'z' }
  const phone = album.watch(front.house.phone('bob', 'Wrong18'))
  await front.apply(organization({}))
  await setUp(phone)
  for (const command of commandsOf('16.1')) {
    for (const query of [`Cmd=${command}&DeviceType=x`, `Cmd=${command}&DeviceId=Wrong18`])
      await phone.transport('POST', query, { 'ms-asprotocolversion': '14.1' }, new Uint8Array())
    await phone.call(command, Buffer.from('garbage'))
    await phone.call(command, new Uint8Array(limits.wbxmlBytes.value + 1))
  }
  const mail = `From: bob@corp.test\r\nTo: bob@corp.test\r\nMessage-ID: <tour18@corp.test>\r\n\r\nText.\r\n`
  for (let round = 0; round < 2; round++) await phone.sendMail(mail, { clientId: 'same' })
  for (const waits of [{ wait: 60 }, { heartbeatSeconds: 5 }, { wait: 5, heartbeatSeconds: 60 }])
    await phone.sync(phone.inbox, waits)
  await phone.ping()
  await phone.ping({ heartbeatSeconds: 4000, folders: [phone.inbox] })
  const many = Array.from({ length: limits.pingFolders.value + 1 }, (_, at) => `f${at}`)
  await phone.ping({ heartbeatSeconds: 60, folders: many })

  for (const acknowledge of [2, 4]) await phone.provision(healthyPhone, acknowledge)
  for (const ask of [
    { policyType: 'MS-Unheard-Of', device: healthyPhone },
    { policyType, device: undefined },
    { policyType, device: undefined, acknowledge: { policyKey: '4711', status: 1 } },
  ])
    await phone.call('Provision', provisionDocument(ask))

  const most = limits.easDevicesPerUser.value
  await Promise.all(
    Array.from({ length: most }, (_, at) =>
      front.house.phone('carol', `Many18x${at}`).folderSync(),
    ),
  )
  await askEverything(album.watch(front.house.phone('carol', 'Many18more')), place)
}

/** The ends of held requests, and a mail server that is away. */
async function goodbyes(t: TestContext, album: Album, front: Front): Promise<void> {
  const phone = album.watch(front.house.phone('bob', 'Held18'))
  await setUp(phone)
  const held = [
    phone.ping({ heartbeatSeconds: 600, folders: [phone.inbox] }),
    phone.sync(phone.inbox, { heartbeatSeconds: 600 }),
  ]
  await pause(300)
  await front.judge('Held18', 'block', 'bob')
  await Promise.all(held)

  const upstream = { eas: 'http://127.0.0.1:1/eas', keepAlive: false, maxVersion: '16.1' as const }
  const lonely = await openFront(t, front.sogo, { upstream })
  await lonely.enforce()
  const stranded = album.watch(lonely.house.phone('bob', 'Alone18'))
  await stranded.provision(healthyPhone)
  await askEverything(stranded, { inbox: 'x', mail: 'y', other: 'z' })
}

/** The built-in mailbox: all that it can say. */
async function tourOfOwn(album: Album, house: House): Promise<void> {
  await house.addUser('alice')
  await house.deliver('alice', 'Own <&> Ünïcode')
  await house.deliver('alice', 'Second')
  for (const version of easVersions) {
    const deviceId = `Own18x${version.replace('.', '')}`
    const phone = album.watch(house.phone('alice', deviceId, { version }))
    await setUp(phone)
    const place = await placeOf(phone)
    await phone.syncAll(phone.inbox, { bodies: [{ type: 1 }, { type: 2 }, { type: 4 }] })
    await phone.estimate()
    await phone.search('Mailbox', 'Second')
    await phone.setRead(place.mail, true)
    for (const multipart of [false, true])
      await phone.fetch(place.inbox, place.mail, [{ type: 2 }], { multipart })
    await askEverything(phone, place)
    const copy = `To: alice@example.org\r\nSubject: ${version}\r\n\r\nText.\r\n`
    await phone.sendMail(copy, { saveInSent: true })
    await phone.syncAll()
    await phone.sync(phone.inbox, { syncKey: 'none' })
    await phone.folderSync('none')
  }
}
