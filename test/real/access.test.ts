import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { connect } from 'node:tls'
import { limits } from '../../src/base/limits.ts'
import { syncDocument } from '../../src/phone/documents.ts'
import { EasClient } from '../../src/phone/phone.ts'
import { FolderHierarchy } from '../../src/wire/wbxml/tokens.ts'
import { find, readWbxml, textOf, writeWbxml } from '../../src/wire/wbxml/wbxml.ts'
import { eventually } from './eventually.ts'
import { heardIn } from './heard-log.ts'
import {
  basic,
  type Front,
  healthyPhone,
  mailsOf,
  openFront,
  organization,
  setUp,
  subjects,
} from './front.ts'
import { type RealSogo, startSogo } from './sogo.ts'

describe('EAS acceptance over SOGo: who gets in', () => {
  let sogo: RealSogo
  before(async () => {
    sogo = await startSogo()
  })
  after(() => sogo?.stop())

  test('1: OPTIONS is 401 for nobody, and tells what Postern and SOGo both speak', async (t) => {
    const front = await openFront(t, sogo)
    const heard = (await sogo.requests()).length
    for (const headers of [{}, basic('alice', 'wrong'), basic('nobody', 'secret-alice')]) {
      const refused = await front.send({ method: 'OPTIONS', headers })
      assert.equal(refused.status, 401)
      assert.match(refused.headers['www-authenticate'] ?? '', /^Basic realm=/)
      assert.equal(refused.headers['ms-asprotocolversions'], undefined)
    }
    assert.equal((await sogo.requests()).length, heard)

    const theirs = await fetch(sogo.eas, { method: 'OPTIONS', headers: basic('alice') })
    const told = await front.send({ method: 'OPTIONS', headers: basic('alice') })
    assert.equal(told.status, 200)
    const versions = (told.headers['ms-asprotocolversions'] ?? '').split(',')
    assert.deepEqual(versions, (theirs.headers.get('ms-asprotocolversions') ?? '').split(','))
    assert.equal(versions.at(-1), '14.1')
    const commands = (told.headers['ms-asprotocolcommands'] ?? '').split(',')
    for (const command of ['Provision', 'FolderSync', 'Sync', 'Ping', 'SendMail'])
      assert.ok(commands.includes(command), command)

    const upstream = { eas: sogo.eas, keepAlive: false, maxVersion: '12.1' as const }
    const older = await openFront(t, sogo, { upstream })
    const { headers } = await older.send({ method: 'OPTIONS', headers: basic('alice') })
    assert.equal(headers['ms-asprotocolversions'], '2.5,12.0,12.1')
  })

  test('2: base64 queries reach SOGo as plain ones, and both forms of a phone are one device', async (t) => {
    const front = await openFront(t, sogo)
    const plain = front.house.phone('alice', 'TwoForms2')
    await plain.folderSync()
    const asks = [{ collectionId: plain.inbox, syncKey: '0' }]
    for (const { query, version, deviceId, deviceType } of goldenQueries) {
      const body = writeWbxml(syncDocument(asks, {}, version))
      const type = { 'content-type': 'application/vnd.ms-sync.wbxml' }
      const headers = { ...basic('alice'), ...type }
      const { status } = await front.send({ method: 'POST', query, headers, body })
      assert.equal(status, 200)
      const [reached] = await front.reached(deviceId)
      assert.equal(
        reached?.query,
        `Cmd=Sync&User=alice&DeviceId=${deviceId}&DeviceType=${deviceType}`,
      )
      const row = await front.row(deviceId)
      assert.deepEqual([row?.easVersion, row?.easDeviceType], [version, deviceType])
    }

    await front.enforce()
    await setUp(plain)
    const short = front.house.phone('alice', 'TwoForms2', { form: 'base64' })
    short.policyKey = plain.policyKey
    const continued = await short.folderSync(plain.folderKey)
    assert.equal(continued.status, 1)
    assert.equal((await front.rows('TwoForms2')).length, 1)
    const queries = new Set((await front.reached('TwoForms2')).map(({ query }) => query))
    const rest = 'User=alice&DeviceId=TwoForms2&DeviceType=iPhone'
    assert.deepEqual([...queries], [`Cmd=FolderSync&${rest}`, `Cmd=Sync&${rest}`])
  })

  test('3: FolderSync without a policy key, with key 0 or with a wrong one: never folders', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    const cases = [
      ['14.1', undefined, 142],
      ['14.1', '0', 142],
      ['14.1', '4711', 144],
      ['14.1', 'abc', 142],
      ['14.0', undefined, 142],
      ['12.1', undefined, undefined],
      ['12.1', '0', undefined],
      ['12.1', '4711', undefined],
      ['2.5', undefined, undefined],
    ] as const
    for (const [version, key, status] of cases)
      for (const form of ['plain', 'base64'] as const) {
        if (key === 'abc' && form === 'base64') continue // it holds numbers only
        const phone = front.house.phone('alice', 'NoKey3', { version, form })
        phone.policyKey = key
        const seen = await phone.folderSync()
        assert.deepEqual([seen.http, seen.status], [449, status], `${version} ${key} ${form}`)
        assert.equal(phone.folders.size, 0)
        assert.equal(seen.root && find(seen.root, FolderHierarchy.Changes), undefined)
      }
    assert.deepEqual(await front.reached('NoKey3'), [])

    // As Exchange says it, where an administrator prefers that.
    const quiet = await openFront(t, sogo, { provisionDemand: 'status' })
    await quiet.enforce()
    for (const [key, status] of [
      [undefined, 142],
      ['0', 142],
      ['4711', 144],
    ] as const) {
      const phone = quiet.house.phone('alice', 'NoKey3')
      phone.policyKey = key
      const seen = await phone.folderSync()
      assert.deepEqual([seen.http, seen.status, phone.folders.size], [200, status, 0])
    }
    const older = quiet.house.phone('alice', 'NoKey3', { version: '12.1' })
    assert.equal((await older.folderSync()).http, 449)
    assert.deepEqual(await quiet.reached('NoKey3'), [])
  })

  test('7: users on one DeviceId, and devices of one user, have keys and states of their own', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    await sogo.deliver('alice', 'Seven for alice')
    await sogo.deliver('bob', 'Seven for bob')
    const alice = front.house.phone('alice', 'Same7')
    const bob = front.house.phone('bob', 'Same7')
    await setUp(alice)
    await setUp(bob)
    assert.ok(subjects(alice).includes('Seven for alice'))
    assert.ok(subjects(bob).includes('Seven for bob') && !subjects(bob).includes('Seven for alice'))
    const own = bob.policyKey
    bob.policyKey = alice.policyKey
    assert.equal((await bob.folderSync()).status, 144)
    bob.policyKey = own

    await front.judge('Same7', 'block', 'alice')
    assert.equal((await alice.folderSync()).status, 129)
    assert.equal((await bob.folderSync()).status, 1)
    assert.equal((await front.row('Same7', 'bob'))?.exchangeAccessState, 'allowed')
    assert.equal((await front.row('Same7', 'alice'))?.exchangeAccessState, 'blocked')

    const three = ['First7', 'Second7', 'Third7'].map((id) => front.house.phone('alice', id))
    const [first, second, third] = three
    assert.ok(first && second && third)
    for (const phone of three) await setUp(phone)
    await front.judge('Second7', 'block')
    await third.provision(healthyPhone)
    const seen = await Promise.all(three.map((phone) => phone.folderSync()))
    assert.deepEqual(
      seen.map(({ status }) => status),
      [1, 129, 1],
    )
    first.policyKey = third.policyKey
    assert.equal((await first.folderSync()).status, 144)
  })

  test('11: a blocked client hears 129, or 403 up to 12.1; one mail says so; a wrong password stays 401', async (t) => {
    const front = await openFront(t, sogo, { smtp: { url: sogo.smtp, from: 'postern@corp.test' } })
    await front.enforce()
    const newer = front.house.phone('alice', 'Blocked11')
    const older = front.house.phone('alice', 'BlockedOld11', { version: '12.1' })
    for (const phone of [newer, older]) {
      await setUp(phone)
      await front.judge(phone.deviceId, 'block')
    }
    const before = await commandsOf(front, 'Blocked11', 'BlockedOld11')
    for (let round = 0; round < 3; round++) {
      const seen = await newer.folderSync()
      assert.deepEqual([seen.http, seen.status], [200, 129])
      assert.equal((await newer.sync()).status, 129)
      assert.equal((await newer.ping({ heartbeatSeconds: 60, folders: [newer.inbox] })).status, 129)
      assert.equal((await newer.sendMail('Subject: no\r\n\r\nno')).status, 129)
      assert.equal((await newer.provision()).first.status, 129)
      assert.equal((await older.folderSync()).http, 403)
      assert.equal((await older.sync()).http, 403)
      assert.equal((await older.sendMail('Subject: no\r\n\r\nno')).http, 403)
    }
    assert.deepEqual(await commandsOf(front, 'Blocked11', 'BlockedOld11'), before)

    const wrong = { password: 'wrong' }
    const answers = await Promise.all([
      front.house.phone('alice', 'Blocked11', wrong).folderSync(),
      front.house.phone('alice', 'NeverSeen11', wrong).folderSync(),
      front.house.phone('nobody', 'Blocked11', wrong).folderSync(),
    ])
    for (const { http, headers, body } of answers) {
      const { date: _date, ...told } = headers
      const { date: _other, ...first } = answers[0]?.headers ?? {}
      assert.deepEqual([http, told, body.length], [401, first, 0])
    }

    const notices = async () =>
      (await mailsOf(sogo, 'alice')).filter(({ text }) => /Blocked(Old)?11/.test(text))
    await eventually(async () => (await notices()).length === 2, 'one mail per blocked client')
    await newer.folderSync()
    assert.equal((await notices()).length, 2)
  })

  test('16: a user with too many devices: the next is refused 177, or 403 at 12.1, and not forwarded', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    const most = limits.easDevicesPerUser.value
    const ids = Array.from({ length: most }, (_, at) => `Many16x${at}`)
    for (let from = 0; from < most; from += 10)
      await Promise.all(
        ids.slice(from, from + 10).map(async (id) => {
          assert.equal((await front.house.phone('carol', id).folderSync()).status, 142)
        }),
      )
    const tooMany = await front.house.phone('carol', 'Many16more').folderSync()
    assert.deepEqual([tooMany.http, tooMany.status], [200, 177])
    const older = front.house.phone('carol', 'Many16old', { version: '12.1' })
    assert.equal((await older.folderSync()).http, 403)
    assert.equal((await older.provision()).first.http, 403)
    assert.deepEqual(await front.reached('Many16'), [])
    assert.equal(await front.row('Many16more', 'carol'), undefined)

    // Those that were here first, and other users, go on.
    const first = front.house.phone('carol', 'Many16x0')
    await setUp(first)
    assert.equal((await front.house.phone('bob', 'Many16more').folderSync()).status, 142)
  })

  test('17: the DeviceId "validate" is answered and leaves nothing behind', async (t) => {
    const front = await openFront(t, sogo, { smtp: { url: sogo.smtp, from: 'postern@corp.test' } })
    await front.apply(organization({ defaultAccessLevel: 'quarantine' }))
    await front.enforce()
    const mails = (await mailsOf(sogo, 'alice')).length
    const trial = front.house.phone('alice', 'validate', { deviceType: 'Android' })
    assert.equal((await trial.options()).http, 200)
    const { first, second } = await trial.provision()
    assert.deepEqual([first.status, second?.status], [1, 1])
    assert.equal((await trial.folderSync()).status, 1)
    assert.equal((await trial.sendDeviceInformation(healthyPhone)).status, 1)
    assert.equal((await trial.sync()).status, 130)
    assert.equal(await front.row('validate'), undefined)
    assert.deepEqual(await front.reached('validate'), [])
    assert.equal((await mailsOf(sogo, 'alice')).length, mails)
  })

  test('17: a DeviceId or DeviceType that is missing or hostile is 400 with 108 or 109, and not in the log', async (t) => {
    const lines: string[] = []
    const front = await openFront(t, sogo, {}, { log: heardIn(lines) })
    for (const [query, status] of hostileQueries) {
      const headers = { ...basic('alice'), 'ms-asprotocolversion': '14.1' }
      const answer = await front.send({ method: 'POST', query, headers })
      const root = answer.body.length > 0 ? readWbxml(answer.body) : undefined
      const told = root && textOf(root, FolderHierarchy.Status)
      assert.deepEqual([answer.status, told], [400, `${status}`], query)
    }
    const line = 'POST /Microsoft-Server-ActiveSync?Cmd=FolderSync&User=a&DeviceId=Evil17'
    for (const start of [`${line}\r\nX-Evil: 1&DeviceType=x`, `${line}\xff\xfe&DeviceType=x`])
      assert.match(await rawAnswer(front, start), /^HTTP\/1\.1 400 /)
    assert.deepEqual(await front.reached('Evil17'), [])
    const rows = await front.house.administrator.call<{ '@odata.count': number }>(
      'GET',
      '/deviceManagement/managedDevices',
    )
    assert.equal(rows['@odata.count'], 0)
    const log = lines.join('\n')
    assert.doesNotMatch(log, /Evil17|X-Evil|secret-alice/)
  })

  test("21: User=bob with alice's credentials is alice's device and mailbox", async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    await sogo.deliver('alice', 'Twenty-one for alice')
    await sogo.deliver('bob', 'Twenty-one for bob')
    for (const form of ['plain', 'base64'] as const) {
      const { transport, version } = front.house.phone('alice', 'x')
      const deviceId = `Claims21${form}`
      const phone = new EasClient({ transport, version, form, deviceId, user: 'bob' })
      await setUp(phone)
      assert.ok(subjects(phone).includes('Twenty-one for alice'))
      assert.ok(!subjects(phone).includes('Twenty-one for bob'))
      assert.equal(await front.row(deviceId, 'bob'), undefined)
      assert.equal((await front.row(deviceId, 'alice'))?.exchangeAccessState, 'allowed')
      for (const { query } of await front.reached(deviceId)) assert.match(query, /&User=alice&/)
    }
  })
})

/** Two published or recorded queries: MS-ASHTTP's own example, and one of a real Android client. */
const goldenQueries = [
  {
    query: 'jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l',
    version: '14.0',
    deviceId: 'v140Device',
    deviceType: 'SmartPhone',
  },
  {
    query: 'jQAJBBBOaW5lMzQyQkEzRjNFNkM2BAAAAAAHQW5kcm9pZAcBAA==',
    version: '14.1',
    deviceId: 'Nine342BA3F3E6C6',
    deviceType: 'Android',
  },
] as const

/** What was asked, and the status that refuses it. */
const hostileQueries: readonly (readonly [query: string, status: 108 | 109])[] = [
  ['Cmd=FolderSync&User=alice&DeviceType=iPhone', 108],
  ['Cmd=FolderSync&User=alice&DeviceId=&DeviceType=iPhone', 108],
  ['Cmd=FolderSync&User=alice&DeviceId=Evil17', 109],
  ['Cmd=FolderSync&User=alice&DeviceId=Evil17&DeviceType=', 109],
  ['Cmd=FolderSync&User=alice&DeviceId=Evil17&DeviceType=%00', 109],
  [`Cmd=FolderSync&User=alice&DeviceId=Evil17${'x'.repeat(194)}&DeviceType=iPhone`, 108],
  ['Cmd=FolderSync&User=alice&DeviceId=Evil17,Evil18&DeviceType=iPhone', 108],
  ['Cmd=FolderSync&User=alice&DeviceId=Evil17%0D%0AX-Evil:%201&DeviceType=iPhone', 108],
  ['Cmd=FolderSync&User=alice&DeviceId=Evil17%00&DeviceType=iPhone', 108],
  ['Cmd=FolderSync&User=alice&DeviceId=Evil17%FF%FE&DeviceType=iPhone', 108],
  ['Cmd=FolderSync&User=alice&DeviceId=Evil17%E2%80%AE&DeviceType=iPhone', 108],
  ['Cmd=FolderSync&User=alice&DeviceId=Evil17%26Cmd=Sync&DeviceType=iPhone', 108],
]

async function commandsOf(front: Front, ...deviceIds: readonly string[]) {
  const reached = await Promise.all(deviceIds.map((id) => front.reached(id)))
  return reached.flat().map(({ command }) => command)
}

/** Sends a request that begins with these bytes over TLS; the head of the answer. */
function rawAnswer({ house }: Front, start: string): Promise<string> {
  const { hostname, port } = new URL(house.url)
  const { authorization } = basic('alice')
  const rest = `Host: x\r\nAuthorization: ${authorization}\r\nMS-ASProtocolVersion: 14.1\r\n`
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), ca: house.authority }, () => {
      socket.write(Buffer.from(`${start} HTTP/1.1\r\n${rest}Content-Length: 0\r\n\r\n`, 'latin1'))
    })
    socket.once('data', (piece) => {
      resolve(piece.toString('latin1'))
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('end', () => resolve(''))
  })
}
