import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Rig, startRig } from '../../test/fake/gateway-rig.ts'
import { type Phone, syncBody } from '../../test/fake/phone.ts'
import { AirSync, ComposeMail, FolderHierarchy, Ping, Settings } from '../wire/wbxml/tokens.ts'
import { element, writeWbxml } from '../wire/wbxml/wbxml.ts'

const heartbeat = (seconds: number) => element(AirSync.HeartbeatInterval, seconds)
const wait = (minutes: number) => element(AirSync.Wait, minutes)

for (const keepAlive of [false, true])
  describe(`mail from the upstream${keepAlive ? ', over kept lines' : ''}`, () => {
    let rig: Rig
    before(async () => {
      rig = await startRig({ upstream: { keepAlive } })
    })
    after(() => rig.stop())
    beforeEach(() => {
      rig.fake.reached.length = 0
      rig.fake.sent.length = 0
      rig.gate.say({ outcome: 'allow' })
    })
    const provisioned = async (deviceId: string, version: Phone['version'] = '14.1') => {
      const phone = rig.phone(deviceId, { version })
      await phone.provision()
      return phone
    }

    it('passes bodies byte for byte, and its own headers only', async () => {
      const phone = await provisioned('HDR1')
      const body = syncBody('0', 'in')
      const answer = await phone.post('Sync', body, {
        headers: {
          'x-webobjects-remote-user': 'bob',
          'x-forwarded-for': '6.6.6.6',
          'ms-asacceptmultipart': 'T',
          'x-ms-wl': 'Outlook',
          cookie: 'a=b',
          te: 'trailers',
        },
        query: '&Evil=1',
      })
      assert.equal(answer.text(AirSync.Status), '1')
      const [got] = rig.fake.reachedOf('Sync')
      assert.deepEqual(got?.body, Buffer.from(writeWbxml(body)))
      assert.equal(got?.headers['x-webobjects-remote-user'], undefined)
      assert.equal(got?.headers['x-forwarded-for'], '127.0.0.1')
      assert.equal(got?.headers['x-ms-policykey'], undefined, 'the key is ours')
      assert.equal(got?.headers['x-ms-wl'], 'Outlook')
      assert.equal(got?.headers['ms-asprotocolversion'], '14.1', 'once')
      assert.equal(got?.headers['ms-asacceptmultipart'], 'T', 'once')
      assert.equal(got?.headers['cookie'], 'a=b')
      assert.equal(got?.headers['te'], undefined)
      assert.equal(got?.query.get('Evil'), null)
      assert.ok(rig.devices.synced.has(rig.devices.partnershipOf('HDR1')))
    })

    it('a Sync that the upstream refuses is no successful one', async () => {
      const phone = await provisioned('BAD1')
      assert.equal((await phone.sync('unknown')).text(AirSync.Status), '3')
      assert.ok(!rig.devices.synced.has(rig.devices.partnershipOf('BAD1')))
    })

    it('27: 24 MB of SendMail reach the upstream whole', async () => {
      const phone = await provisioned('BIG1', '12.1')
      const size = 24 * 1024 * 1024
      const piece = randomBytes(65_536)
      const hash = createHash('sha256')
      async function* pieces() {
        for (let sent = 0; sent < size; sent += piece.length) {
          hash.update(piece)
          yield piece
        }
      }
      rig.fake.script({ command: 'SendMail', act: { status: 200 } })
      const answer = await phone.post('SendMail', Readable.from(pieces(), { objectMode: false }), {
        headers: { 'content-type': 'message/rfc822', 'content-length': `${size}` },
        query: '&SaveInSent=T',
      })
      assert.equal(answer.status, 200)
      const [got] = rig.fake.reachedOf('SendMail')
      assert.equal(got?.size, size)
      assert.equal(got?.sha256, hash.digest('hex'))
      assert.equal(got?.headers['content-type'], 'message/rfc822')
      assert.equal(got?.query.get('SaveInSent'), 'T')
    })

    it('27: a SendMail in chunks, and one of 14.1 in WBXML, arrive byte for byte', async () => {
      const phone = await provisioned('CHK1')
      const mail = element(
        ComposeMail.SendMail,
        element(ComposeMail.ClientId, 'c1'),
        element(ComposeMail.Mime, Buffer.from('Subject: x\r\n\r\nbody')),
      )
      assert.equal((await phone.post('SendMail', mail)).status, 200)
      assert.deepEqual(rig.fake.sent[0], Buffer.from(writeWbxml(mail)))
      const chunks = Readable.from([Buffer.from('one '), Buffer.from('two')], { objectMode: false })
      assert.equal((await phone.post('SendMail', chunks)).status, 200)
      assert.equal(rig.fake.sent[1]?.toString(), 'one two')
    })

    it('27: a message goes no faster than the upstream takes it', async () => {
      const sockets: Socket[] = []
      const stuck = createServer((socket) => void sockets.push(socket.pause()))
      await new Promise<void>((resolve) => stuck.listen(0, '127.0.0.1', () => resolve()))
      // An AddressInfo: the server listens on TCP.
      const { port } = stuck.address() as AddressInfo
      const other = await startRig({ upstream: { url: `http://127.0.0.1:${port}/eas` } })
      const phone = other.phone('STUCK')
      await phone.provision()
      let taken = 0
      async function* endless() {
        for (;;) {
          taken += 65_536
          yield Buffer.alloc(65_536)
        }
      }
      const source = Readable.from(endless(), { objectMode: false })
      const sending = phone.post('SendMail', source).catch(() => undefined)
      // Until the buffers on the way are full: a second without a piece, on a busy machine too.
      for (let before = -1; before !== taken; ) {
        before = taken
        assert.ok(taken < 40 * 1024 * 1024, `${taken} bytes were taken`)
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
      assert.ok(taken > 0, 'nothing was taken')
      for (const socket of sockets) socket.destroy()
      stuck.close()
      source.destroy()
      phone.close()
      await sending
      await other.stop()
    })

    it('a large answer passes in pieces', async () => {
      const phone = await provisioned('BIG2')
      rig.fake.script({ act: { streamBytes: 24 * 1024 * 1024 } })
      const answer = await phone.post('ItemOperations')
      assert.equal(answer.body.length, 24 * 1024 * 1024)
    })

    it('a gzipped request is looked into, and passed on as it came', async () => {
      const phone = await provisioned('GZIP')
      rig.gate.say({ outcome: 'allow' })
      const packed = gzipSync(writeWbxml(syncBody('q2', 'in')))
      const headers = { 'content-encoding': 'gzip' }
      const ours = await phone.post('Sync', packed, { headers })
      assert.equal(ours.text(AirSync.Status), '3')
      assert.equal(rig.fake.reached.length, 0)
      rig.fake.script({ act: { status: 200 } })
      const theirs = gzipSync(writeWbxml(syncBody('0', 'in')))
      await phone.post('Sync', theirs, { headers })
      assert.deepEqual(rig.fake.reached[0]?.body, theirs)
      const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024))
      assert.equal((await phone.post('Sync', bomb, { headers })).status, 400)
    })

    it("one command's body under another's name is refused", async () => {
      const phone = await provisioned('MASK')
      const answer = await phone.post('Search', syncBody('0', 'in'))
      assert.equal(answer.status, 400)
      assert.equal(rig.fake.reached.length, 0)
    })

    it('20: Wait with HeartbeatInterval is 4, out of range is 14 with the limit', async () => {
      const phone = await provisioned('WAIT1')
      const both = await phone.sync('s1', 'in', [wait(10), heartbeat(600)])
      assert.equal(both.text(AirSync.Status), '4')
      const long = await phone.sync('s1', 'in', [wait(60)])
      assert.equal(long.text(AirSync.Status), '14')
      assert.equal(long.text(AirSync.Limit), '59')
      const short = await phone.sync('s1', 'in', [heartbeat(10)])
      assert.equal(short.text(AirSync.Status), '14')
      assert.equal(short.text(AirSync.Limit), '60')
      assert.equal(rig.fake.reached.length, 0)
    })

    it('10: a held Sync ends with 12 when the admission is withdrawn', async () => {
      for (const version of ['14.1', '12.1'] as const) {
        rig.gate.say({ outcome: 'allow' })
        const phone = await provisioned(`HELD${version}`, version)
        const key = (await phone.sync('0')).text(AirSync.SyncKey) ?? ''
        const held = phone.sync(key, 'in', [version === '12.1' ? wait(10) : heartbeat(600)])
        while (rig.fake.reachedOf('Sync').length < 2) await new Promise(setImmediate)
        rig.gate.say({ outcome: 'quarantine' })
        const answer = await held
        assert.equal(answer.status, 200)
        assert.equal(answer.text(AirSync.Status), '12')
        const next = await phone.sync(key)
        assert.equal(next.text(AirSync.Status), '3', 'the quarantine mailbox answers')
        assert.equal(rig.fake.reachedOf('Sync').length, 2)
        rig.fake.reached.length = 0
      }
    })

    it('an answer that has begun is broken off when the admission is withdrawn', async () => {
      const phone = await provisioned('CUT1')
      rig.fake.script({ command: 'ItemOperations', act: { streamBytes: 512 * 1024 * 1024 } })
      const running = phone.post('ItemOperations')
      while (rig.gateway.underWay === 0 || rig.fake.reached.length === 0)
        await new Promise(setImmediate)
      setTimeout(() => rig.gate.say({ outcome: 'block' }), 20)
      await assert.rejects(running)
    })

    it('9: keys of the quarantine mailbox never reach the upstream: FolderSync 9, Sync 3', async () => {
      const phone = await provisioned('REL1')
      rig.gate.say({ outcome: 'quarantine' })
      const folders = await phone.folderSync()
      const folderKey = folders.text(FolderHierarchy.SyncKey) ?? ''
      const inbox = folders.text(FolderHierarchy.ServerId) ?? ''
      const key = (await phone.sync('0', inbox)).text(AirSync.SyncKey) ?? ''
      assert.equal(rig.fake.reached.length, 0)
      rig.gate.say({ outcome: 'allow' })
      const stale = await phone.sync(key, inbox)
      assert.equal(stale.text(AirSync.Status), '3')
      assert.equal(stale.text(AirSync.SyncKey), '0')
      assert.equal(stale.text(AirSync.CollectionId), inbox)
      assert.equal((await phone.folderSync(folderKey)).text(FolderHierarchy.Status), '9')
      assert.equal(rig.fake.reached.length, 0)
      const fresh = await phone.folderSync('0')
      assert.equal(fresh.text(FolderHierarchy.Status), '1')
      assert.ok(fresh.texts(FolderHierarchy.DisplayName).includes('Calendar'))
    })

    it('8: in quarantine nothing reaches the upstream, uploads least of all', async () => {
      const phone = await provisioned('QUA1')
      rig.gate.say({ outcome: 'quarantine' })
      assert.equal((await phone.settings()).text(Settings.Status), '1')
      const upload = await phone.post('SendMail', Buffer.alloc(200_000))
      assert.ok(upload.status === 403 || upload.text(ComposeMail.Status) === '130')
      for (const command of ['Search', 'ItemOperations', 'MoveItems', 'GetItemEstimate'])
        assert.ok((await phone.post(command)).status < 500)
      assert.equal(rig.fake.reached.length, 0)
      assert.deepEqual(rig.mailbox.sent, [0], 'the refused message was not even read')
    })

    it('22: while the upstream is down 503 with Retry-After, and everything is as before after', async () => {
      const phone = await provisioned('DOWN')
      const key = (await phone.folderSync()).text(FolderHierarchy.SyncKey) ?? ''
      await rig.fake.stop()
      for (const answer of [
        await phone.folderSync(key),
        await phone.post('SendMail', Buffer.from('x')),
      ]) {
        assert.equal(answer.status, 503)
        assert.ok(Number(answer.headers['retry-after']) > 0)
      }
      await rig.fake.start()
      assert.equal((await phone.folderSync(key)).text(FolderHierarchy.Status), '1')
    })

    it('22: a reset is tried again once for what may be repeated, never for SendMail or client changes', async () => {
      const phone = await provisioned('RST1')
      rig.fake.script({ act: 'reset' })
      assert.equal((await phone.folderSync()).text(FolderHierarchy.Status), '1')
      assert.equal(rig.fake.reachedOf('FolderSync').length, 2)
      rig.fake.script({ act: 'reset' })
      assert.equal((await phone.post('SendMail', Buffer.from('x'))).status, 503)
      assert.equal(rig.fake.reachedOf('SendMail').length, 1)
      const change = element(
        AirSync.Commands,
        element(AirSync.Delete, element(AirSync.ServerId, 'in:1')),
      )
      const collection = element(
        AirSync.Collection,
        element(AirSync.SyncKey, 's1'),
        element(AirSync.CollectionId, 'in'),
        change,
      )
      rig.fake.script({ act: 'reset' })
      const body = element(AirSync.Sync, element(AirSync.Collections, collection))
      assert.equal((await phone.post('Sync', body)).status, 503)
      assert.equal(rig.fake.reachedOf('Sync').length, 1)
    })

    it('a cable cut in the middle of SendMail sends nothing, and leaves nothing behind', async () => {
      const phone = await provisioned('CUT2')
      const socket = connect(rig.port, '127.0.0.1')
      socket.write(
        `POST /Microsoft-Server-ActiveSync?Cmd=SendMail&User=alice&DeviceId=CUT2&DeviceType=Test HTTP/1.1\r\n` +
          `Host: x\r\nAuthorization: Basic ${btoa('alice:secret-alice')}\r\nMS-ASProtocolVersion: 14.1\r\n` +
          `X-MS-PolicyKey: ${phone.policyKey}\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(300_000)}`,
      )
      while (rig.fake.reachedOf('SendMail').length === 0) await new Promise(setImmediate)
      socket.resetAndDestroy()
      while (rig.gateway.underWay > 0) await new Promise(setImmediate)
      assert.equal(rig.fake.sent.length, 0)
      assert.equal(rig.fake.reachedOf('SendMail')[0]?.complete, false)
      assert.equal(rig.gate.open, 0)
      assert.equal((await phone.folderSync()).status, 200)
    })

    it('a message that was handed over in full is not called back by a withdrawal', async () => {
      const phone = await provisioned('HAND')
      rig.fake.script({ command: 'SendMail', act: { delayMs: 100 } })
      const sending = phone.post('SendMail', Buffer.from('Subject: once\r\n\r\n'))
      while (rig.fake.reachedOf('SendMail')[0]?.complete !== true) await new Promise(setImmediate)
      rig.gate.say({ outcome: 'quarantine' })
      assert.equal((await sending).status, 200)
      assert.equal(rig.fake.sent.length, 1)
    })
  })

describe('while the site observes', () => {
  it('everything passes untouched: no key is asked for, Provision and Ping reach the upstream', async () => {
    const rig = await startRig()
    rig.gate.say({ outcome: 'allow', enforced: false })
    const phone = rig.phone('OBS1')
    phone.policyKey = '4711'
    assert.equal((await phone.folderSync()).text(FolderHierarchy.Status), '1')
    const [got] = rig.fake.reachedOf('FolderSync')
    assert.equal(got?.headers['x-ms-policykey'], '4711')
    const { provisionBody } = await import('../../test/fake/phone.ts')
    await phone.post('Provision', provisionBody('14.1'))
    assert.equal(rig.fake.reachedOf('Provision').length, 1)
    const pinging = phone.ping(60, ['in'])
    while (rig.fake.reachedOf('Ping').length === 0) await new Promise(setImmediate)
    rig.fake.receive('alice')
    assert.equal((await pinging).text(Ping.Status), '2')
    const facts = rig.devices.facts.get(rig.devices.partnershipOf('OBS1'))
    assert.equal(facts?.model?.value, 'Pixel 9', 'what the device says is noted all the same')
    rig.fake.script({ act: { status: 200 } })
    const odd = await phone.post('Search', Buffer.from('not WBXML at all'))
    assert.equal(odd.status, 200, 'it is for the upstream to judge')
    await rig.stop()
  })

  it('but keys of our own mailboxes stay here', async () => {
    const rig = await startRig()
    rig.gate.say({ outcome: 'allow', enforced: false })
    const phone = rig.phone('OBS2')
    assert.equal((await phone.sync('q2', 'qin')).text(AirSync.Status), '3')
    assert.equal(rig.fake.reached.length, 0)
    await rig.stop()
  })
})

describe('stopping', () => {
  it('lets an answer under way finish, and cuts a held Sync', async () => {
    const rig = await startRig()
    const phone = rig.phone('STOP')
    await phone.provision()
    const key = (await phone.sync('0')).text(AirSync.SyncKey) ?? ''
    const held = phone.sync(key, 'in', [heartbeat(600)])
    rig.fake.script({ command: 'Search', act: { delayMs: 100 } })
    const other = rig.phone('STOP2')
    await other.provision()
    const short = other.post('Search')
    while (rig.fake.reachedOf('Sync', 'Search').length < 3) await new Promise(setImmediate)
    const stopped = rig.gateway.stop()
    assert.equal((await held).status, 503)
    assert.equal((await short).status, 200)
    await stopped
    await rig.stop()
  })
})

describe('without an upstream', () => {
  it('the built-in mailbox answers, messages of 20 MB included', async () => {
    const rig = await startRig({ upstream: false })
    const phone = rig.phone('OWN1')
    await phone.provision()
    assert.equal((await phone.folderSync()).text(FolderHierarchy.ServerId), 'oin')
    assert.equal((await phone.sync('0', 'oin')).text(AirSync.Status), '1')
    assert.ok(rig.devices.synced.has(rig.devices.partnershipOf('OWN1')))
    const size = 20 * 1024 * 1024
    assert.equal((await phone.post('SendMail', Buffer.alloc(size))).status, 200)
    assert.deepEqual(rig.mailbox.sent, [size])
    const held = phone.ping(60, ['oin'])
    while (rig.gateway.underWay === 0) await new Promise(setImmediate)
    rig.gate.say({ outcome: 'block' })
    assert.equal((await held).text(Ping.Status), '7')
    rig.gate.say({ outcome: 'allow' })
    const last = phone.ping(60, ['oin'])
    while (rig.gateway.underWay === 0) await new Promise(setImmediate)
    const stopped = rig.gateway.stop()
    assert.equal((await last).text(Ping.Status), '1', 'a restart makes nobody resync')
    await stopped
    assert.equal(rig.fake.reached.length, 0)
    await rig.stop()
  })
})
