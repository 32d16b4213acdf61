import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Rig, startRig } from '../../test/fake/gateway-rig.ts'
import { FolderHierarchy, Settings } from '../wire/wbxml/tokens.ts'
import { element } from '../wire/wbxml/wbxml.ts'

// The numbers are those of the acceptance tests for an EAS gate.
describe('EAS door', () => {
  let rig: Rig
  before(async () => {
    rig = await startRig()
  })
  after(() => rig.stop())
  beforeEach(() => {
    rig.fake.reached.length = 0
    rig.gate.say({ outcome: 'allow' })
  })

  it('1: OPTIONS without credentials is 401 with a Basic challenge', async () => {
    const response = await fetch(`${rig.url}/Microsoft-Server-ActiveSync`, { method: 'OPTIONS' })
    assert.equal(response.status, 401)
    assert.match(response.headers.get('www-authenticate') ?? '', /^Basic realm=/)
    assert.equal(rig.fake.reached.length, 0)
  })

  it('1: OPTIONS tells the lesser of both versions, adds Provision, and starts nothing', async () => {
    const answer = await rig.phone('OPT').options()
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['ms-asprotocolversions'], '2.5,12.0,12.1,14.0,14.1')
    assert.ok(String(answer.headers['ms-asprotocolcommands']).split(',').includes('Provision'))
    assert.equal(rig.devices.partnerships.size, 0)
    const reached = rig.fake.reached.length
    await rig.phone('OPT').options()
    assert.equal(rig.fake.reached.length, reached, 'the upstream is asked once')
  })

  it('2: base64 and plain query are one device, here and at the upstream', async () => {
    const plain = rig.phone('MIX1')
    await plain.provision()
    const first = await plain.folderSync()
    assert.equal(first.text(FolderHierarchy.Status), '1')
    const packed = rig.phone('mix1', { form: 'base64' })
    packed.policyKey = plain.policyKey
    const second = await packed.folderSync(first.text(FolderHierarchy.SyncKey))
    assert.equal(second.text(FolderHierarchy.Status), '1')
    const [one, two] = rig.fake.reachedOf('FolderSync')
    assert.equal(one?.query.get('DeviceId')?.toLowerCase(), two?.query.get('DeviceId'))
    assert.equal(two?.headers['ms-asprotocolversion'], '14.1')
    assert.equal(rig.devices.partnerships.size, 1)
  })

  it('3: without an acknowledged key nothing is served: 142, 144, and 449 up to 12.1', async () => {
    const phone = rig.phone('KEY1')
    const expect = async (key: string | undefined, status: string) => {
      phone.policyKey = key
      const answer = await phone.folderSync()
      assert.equal(answer.status, 449)
      assert.equal(answer.text(FolderHierarchy.Status), status)
    }
    await expect(undefined, '142')
    await expect('0', '142')
    await expect('12345', '144')
    await expect('-1', '142')
    const old = rig.phone('KEY2', { version: '12.1' })
    const answer = await old.folderSync()
    assert.equal(answer.status, 449)
    assert.equal(answer.body.length, 0)
    assert.equal(rig.fake.reached.length, 0)
  })

  it('11: a blocked client is told 129, up to 12.1 403; a wrong password stays 401', async () => {
    rig.gate.say({ outcome: 'block' })
    const answer = await rig.phone('BLK1').folderSync()
    assert.equal(answer.status, 200)
    assert.equal(answer.text(FolderHierarchy.Status), '129')
    const old = await rig.phone('BLK2', { version: '12.1' }).folderSync()
    assert.equal(old.status, 403)
    assert.equal(old.body.length, 0)
    const wrong = await rig.phone('BLK1', { password: 'wrong' }).folderSync()
    const stranger = await rig.phone('NEVERSEEN', { user: 'nobody' }).folderSync()
    assert.equal(wrong.status, 401)
    assert.deepEqual({ ...wrong.headers, date: '' }, { ...stranger.headers, date: '' })
    assert.equal(rig.fake.reached.length, 0)
  })

  it('a fault of the gate is not told as a verdict on the device', async () => {
    rig.gate.say({ outcome: 'block', stateReason: 'internal' })
    const answer = await rig.phone('FLT1').folderSync()
    assert.equal(answer.status, 503)
    assert.ok(Number(answer.headers['retry-after']) > 0)
    assert.equal(rig.fake.reached.length, 0)
  })

  it('a throw of any room refuses and passes nothing on', async () => {
    const { admit } = rig.gate
    rig.gate.admit = async () => {
      throw new Error('planted')
    }
    const answer = await rig.phone('THR1').folderSync()
    rig.gate.admit = admit
    assert.equal(answer.status, 500)
    assert.equal(answer.text(FolderHierarchy.Status), '110')
    assert.equal(rig.fake.reached.length, 0)
  })

  it('F85 a client that ran wild is told when to come again and why, and nothing of a blocked device', async () => {
    rig.gate.say({ outcome: 'block', stateReason: 'recentCommands' })
    const answer = await rig.phone('WILD1').folderSync()
    const old = await rig.phone('WILD2', { version: '12.1' }).folderSync()
    for (const { status, headers } of [answer, old]) {
      assert.equal(status, 503)
      assert.equal(headers['x-ms-asthrottle'], 'RecentCommands')
      assert.match(String(headers['retry-after']), /^\d+$/)
    }
    assert.equal(answer.text(FolderHierarchy.Status), '111')
    assert.equal(rig.fake.reached.length, 0)
  })

  it('F86 16: past the cap of partnerships 177, up to 12.1 403', async () => {
    rig.devices.most = 1
    await rig.phone('CAP1', { user: 'carol' }).folderSync()
    const answer = await rig.phone('CAP2', { user: 'carol' }).folderSync()
    const old = await rig.phone('CAP3', { user: 'carol', version: '12.1' }).folderSync()
    rig.devices.most = 100
    assert.equal(answer.text(FolderHierarchy.Status), '177')
    assert.equal(old.status, 403)
    assert.equal(rig.fake.reached.length, 0)
  })

  it('17: DeviceId "validate" is answered without a partnership and without the upstream', async () => {
    const phone = rig.phone('validate', { user: 'bob' })
    assert.equal((await phone.folderSync()).text(FolderHierarchy.Status), '1')
    const settled = await phone.provision()
    assert.equal(settled.status, 200)
    assert.equal((await phone.settings()).text(Settings.Status), '1')
    assert.equal((await phone.sync('0')).body.length > 0, true)
    assert.ok(![...rig.devices.partnerships.keys()].some((key) => key.includes('bob')))
    assert.equal(rig.fake.reached.length, 0)
  })

  it('17: a DeviceId or DeviceType that is missing or no name is 400 with 108 or 109', async () => {
    const ask = async (query: string) => {
      const response = await fetch(`${rig.url}/Microsoft-Server-ActiveSync?${query}`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${btoa('alice:secret-alice')}`,
          'ms-asprotocolversion': '14.1',
        },
      })
      return { status: response.status, body: Buffer.from(await response.arrayBuffer()) }
    }
    const type = '&DeviceType=T'
    for (const id of ['', 'A'.repeat(200), 'a,b', 'a%0d%0ab', 'a%00', '%ff%fe', '%zz', '..%2f..']) {
      const { status, body } = await ask(`Cmd=FolderSync&User=alice&DeviceId=${id}${type}`)
      assert.equal(status, 400, id)
      assert.ok(body.includes('108') || body.length === 0, id)
    }
    const missing = await ask('Cmd=FolderSync&User=alice&DeviceId=D')
    assert.equal(missing.status, 400)
    assert.ok(missing.body.includes('109'))
    assert.equal((await ask('Cmd=Nonsense&DeviceId=D&DeviceType=T')).status, 400)
    assert.equal((await ask('')).status, 400)
    assert.equal(rig.fake.reached.length, 0)
  })

  it('18: garbage is 400 within 50 ms and never reaches the upstream', async () => {
    const phone = rig.phone('FUZZ')
    await phone.provision()
    const header = [0x03, 0x01, 0x6a, 0x00]
    const garbage = {
      truncated: [...header, 0x00, 0x07, 0x56, 0x52, 0x03, 0x30],
      badLength: [...header, 0x00, 0x07, 0x56, 0xc3, 0xff, 0xff, 0xff, 0xff, 0x7f],
      nested: [...header, ...Array.from({ length: 100_000 }, () => 0x45)],
      unknownPage: [...header, 0x00, 0x63, 0x45, 0x01],
      stringTable: [0x03, 0x01, 0x6a, 0x04, 0x61, 0x62, 0x63, 0x00, 0x45, 0x01],
      notWbxml: [...Buffer.from('<FolderSync/>')],
    }
    for (const [name, bytes] of Object.entries(garbage)) {
      for (const command of ['FolderSync', 'Sync', 'Settings', 'MoveItems']) {
        let quickest = Number.POSITIVE_INFINITY
        // The quickest of some, since this machine may be busy with something else.
        for (let round = 0; round < 5 && quickest > 50; round++) {
          const begun = performance.now()
          const answer = await phone.post(command, Buffer.from(bytes))
          quickest = Math.min(quickest, performance.now() - begun)
          assert.ok(answer.status === 400 || answer.status === 413, `${name}: ${answer.status}`)
        }
        assert.ok(quickest < 50, `${name} took ${quickest} ms`)
      }
    }
    assert.equal(rig.fake.reached.length, 0)
  })

  it('18: ten megabytes are refused by their announced length, unread', async () => {
    const phone = rig.phone('FUZZ')
    await phone.provision()
    const answer = await phone
      .post('Sync', Buffer.alloc(10 * 1024 * 1024, 0x45))
      .catch(() => undefined)
    assert.ok(answer === undefined || answer.status === 413)
    assert.equal(rig.fake.reached.length, 0)
    assert.equal((await phone.folderSync()).status, 200, 'the door is still open')
  })

  it("21: `User` of someone else is the caller's own device and mail", async () => {
    const phone = rig.phone('USR1')
    await phone.provision()
    const body = element(FolderHierarchy.FolderSync, element(FolderHierarchy.SyncKey, '0'))
    const url = `${rig.url}/Microsoft-Server-ActiveSync?Cmd=FolderSync&User=bob&DeviceId=USR1&DeviceType=Test`
    const { writeWbxml } = await import('../wire/wbxml/wbxml.ts')
    const response = await fetch(url, {
      method: 'POST',
      body: Buffer.from(writeWbxml(body)),
      headers: {
        authorization: `Basic ${btoa('alice:secret-alice')}`,
        'ms-asprotocolversion': '14.1',
        'x-ms-policykey': phone.policyKey ?? '',
      },
    })
    assert.equal(response.status, 200)
    const [got] = rig.fake.reachedOf('FolderSync')
    assert.equal(got?.user, 'alice')
    assert.equal(got?.query.get('User'), 'alice')
    assert.ok(rig.devices.partnerships.has('usr_alice/usr1'))
    assert.ok(!rig.devices.partnerships.has('usr_bob/usr1'))
  })

  it('other methods are 501, a throttled account waits', async () => {
    const url = `${rig.url}/Microsoft-Server-ActiveSync`
    const authorization = `Basic ${btoa('alice:secret-alice')}`
    assert.equal((await fetch(url, { headers: { authorization } })).status, 501)
    const throttled = `Basic ${btoa('throttled:x')}`
    const waiting = await fetch(url, { headers: { authorization: throttled } })
    assert.equal(waiting.status, 503)
    assert.ok(Number(waiting.headers.get('retry-after')) > 0)
  })

  it('releases every admission', () => {
    assert.equal(rig.gate.open, 0)
    assert.equal(rig.gateway.underWay, 0)
  })
})
