import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type FakeImap, startFakeImap } from '../../test/fake/imap-server.ts'
import { type Rig, startRig } from '../../test/fake/gateway-rig.ts'
import type { Phone } from '../../test/fake/phone.ts'
import { statusBody } from '../wire/eas/status.ts'
import { ComposeMail } from '../wire/wbxml/tokens.ts'
import { element, writeWbxml } from '../wire/wbxml/wbxml.ts'
import { limits } from '../base/limits.ts'

const message = (clientId: string, messageId = `<${clientId}@corp.test>`, bytes = 10) =>
  element(
    ComposeMail.SendMail,
    element(ComposeMail.ClientId, clientId),
    element(ComposeMail.SaveInSentItems),
    element(
      ComposeMail.Mime,
      Buffer.from(`To: b@corp.test\r\nMessage-ID: ${messageId}\r\n\r\n${'x'.repeat(bytes)}`),
    ),
  )

describe('mail is sent once', () => {
  let imap: FakeImap
  let rig: Rig
  before(async () => {
    imap = await startFakeImap()
    rig = await startRig({ imap: { url: imap.url } })
  })
  after(async () => {
    await rig.stop()
    await imap.stop()
  })
  beforeEach(() => {
    rig.fake.reached.length = 0
    rig.gate.say({ outcome: 'allow' })
  })
  const provisioned = async (deviceId: string, version: Phone['version'] = '14.1') => {
    const phone = rig.phone(deviceId, { version })
    await phone.provision()
    return phone
  }
  const send = async (phone: Phone, ...given: Parameters<typeof message>) => {
    const answer = await phone.post('SendMail', message(...given))
    return answer.text(ComposeMail.Status) ?? answer.status
  }
  const reached = () => rig.fake.reachedOf('SendMail').length

  it('22: the same ClientId again is 118, and does not reach the mail server', async () => {
    const phone = await provisioned('ONCE1')
    assert.equal(await send(phone, 'c1'), 200)
    for (let round = 0; round < 3; round++) assert.equal(await send(phone, 'c1'), '118')
    assert.equal(reached(), 1)
    assert.equal(await send(phone, 'c2'), 200)
    const other = await provisioned('ONCE2')
    assert.equal(await send(other, 'c1'), 200, 'another device has ids of its own')
    assert.equal(reached(), 3)
  })

  it('22: after a lost answer the Sent folder tells whether to send again', async () => {
    const phone = await provisioned('LOST1')
    for (const arrived of [true, false]) {
      rig.fake.reached.length = 0
      const id = arrived ? 'lost-1' : 'lost-2'
      rig.fake.script({ command: 'SendMail', act: 'reset' })
      assert.equal(await send(phone, id), '111', 'come again')
      if (arrived) imap.inSent.add(`<${id}@corp.test>`)
      assert.equal(await send(phone, id), arrived ? '118' : 200)
      assert.equal(await send(phone, id), '118')
      assert.equal(reached(), arrived ? 1 : 2)
    }
  })

  it('sends again what cannot be looked up: no Message-ID, or no mailbox', async () => {
    const phone = await provisioned('DARK1')
    for (const hinder of [() => {}, () => imap.refuse(true)]) {
      rig.fake.reached.length = 0
      hinder()
      const id = `dark-${Math.random()}`
      rig.fake.script({ command: 'SendMail', act: 'reset' })
      assert.equal(await send(phone, id, 'none'), '111')
      assert.equal(await send(phone, id, 'none'), 200)
      assert.equal(reached(), 2)
    }
    imap.refuse(false)
  })

  it('a second try waits for the first', async () => {
    const phone = await provisioned('TWO1')
    rig.fake.script({ command: 'SendMail', act: { delayMs: 100 } })
    const both = await Promise.all([send(phone, 'same'), send(phone, 'same')])
    assert.deepEqual(both.map(String).sort(), ['118', '200'])
    assert.equal(reached(), 1)
  })

  it('what the mail server refused may be sent again', async () => {
    const phone = await provisioned('NO1')
    const body = statusBody('SendMail', 120) ?? new Uint8Array()
    rig.fake.script({
      command: 'SendMail',
      act: { status: 200, headers: { 'content-type': 'application/vnd.ms-sync.wbxml' }, body },
    })
    assert.equal(await send(phone, 'refused'), '120')
    assert.equal(await send(phone, 'refused'), 200)
  })

  it('a message that was looked into goes on byte for byte, whatever its size', async () => {
    const phone = await provisioned('SIZE1')
    const sizes = [0, limits.messageStartBytes.value - 100, limits.messageStartBytes.value, 150_000]
    for (const [at, size] of sizes.entries()) {
      const mail = message(`size-${at}`, '<s@corp.test>', size)
      assert.equal((await phone.post('SendMail', mail)).status, 200)
      assert.deepEqual(rig.fake.reachedOf('SendMail')[at]?.body, Buffer.from(writeWbxml(mail)))
    }
  })

  it('a body that is empty, tiny or comes in pieces is waited for no longer than it lasts', async () => {
    const phone = await provisioned('EMPTY1')
    assert.equal((await phone.post('SendMail')).status, 200)
    assert.equal((await phone.post('SendMail', Buffer.from([3]))).status, 200)
    const whole = Buffer.from(writeWbxml(message('pieces')))
    const pieces = async function* () {
      for (let at = 0; at < whole.length; at += 20) {
        yield whole.subarray(at, at + 20)
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
    const headers = { 'content-type': 'application/vnd.ms-sync.wbxml' }
    const slow = () =>
      phone.post('SendMail', Readable.from(pieces(), { objectMode: false }), { headers })
    assert.equal((await slow()).status, 200)
    assert.deepEqual(rig.fake.reachedOf('SendMail').at(-1)?.body, whole)
    assert.equal((await slow()).text(ComposeMail.Status), '118')
  })

  it('clients of 12.1 name no ClientId: each message passes', async () => {
    const phone = await provisioned('OLD1', '12.1')
    for (let round = 0; round < 2; round++) {
      const headers = { 'content-type': 'message/rfc822' }
      const sent = await phone.post('SendMail', Buffer.from('To: b@c.d\r\n\r\nx'), { headers })
      assert.equal(sent.status, 200)
    }
    assert.equal(reached(), 2)
  })

  it('a removed client may use its ids again', async () => {
    const phone = await provisioned('GONE1')
    assert.equal(await send(phone, 'c1'), 200)
    const partnership = rig.devices.partnershipOf('GONE1')
    await rig.store.transact((tx) =>
      rig.store.journal.append(tx, 'partnership.removed', { partnership }),
    )
    await phone.provision()
    for (let tries = 0; tries < 200; tries++) {
      if ((await send(phone, 'c1')) === 200) return
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    assert.fail('118 for ever')
  })
})
