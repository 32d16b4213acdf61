import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type MailboxRig,
  mail,
  openMailboxRig,
  type RigClient,
} from '../../../test/fake/mailbox-rig.ts'
import type { User } from '../../directory/directory.ts'
import type { EasVersion } from '../../wire/eas/version.ts'

// SendMail, SmartReply and SmartForward of the built-in mailbox (MS-ASCMD 2.2.1.17, 19, 20).

let rig: MailboxRig
let open: MailboxRig
before(async () => {
  rig = await openMailboxRig()
  open = await openMailboxRig({ relay: true })
})
after(async () => {
  await rig.stop()
  await open.stop()
})

async function synced(of: MailboxRig, user: User, version: EasVersion = '14.1') {
  const opened = of.own({ user, version })
  await opened.client.folderSync()
  await opened.client.syncAll()
  return opened
}

const subjects = async ({ client }: RigClient, type: number) => {
  const id = client.folder(type)
  await client.syncAll(id, { bodies: [{ type: 1 }] })
  return [...client.mails(id).values()].map((one) => one.subject)
}

const letter = (to: string, subject: string, ...headers: string[]) =>
  [`To: ${to}`, `Subject: ${subject}`, ...headers, '', 'hello'].join('\r\n')

for (const version of ['2.5', '12.1', '14.1', '16.1'] as const) {
  describe(`sending over ${version}`, () => {
    test('mail reaches built-in mailboxes, and a copy is kept when asked', async () => {
      const [from, to] = [rig.person(), rig.person()]
      const sender = await synced(rig, from, version)
      const receiver = await synced(rig, to, version)
      const seen = await sender.client.sendMail(letter(to.mail, 'one'), { saveInSent: true })
      assert.deepEqual([seen.http, seen.body.length], [200, 0])
      await sender.client.sendMail(letter(to.mail, 'two'))
      assert.deepEqual((await subjects(receiver, 2)).sort(), ['one', 'two'])
      assert.deepEqual(await subjects(sender, 5), ['one'])
      const [mail] = receiver.client.mails().values()
      assert.match(mail?.from ?? '', new RegExp(from.mail))
      assert.equal(mail?.read, false)
      const [copy] = sender.client.mails(sender.client.folder(5)).values()
      assert.equal(copy?.read, true)
    })

    test('nothing is half sent: one unknown recipient refuses all', async () => {
      const [from, to] = [rig.person(), rig.person()]
      const sender = await synced(rig, from, version)
      const receiver = await synced(rig, to, version)
      const list = `${to.mail}, nobody@corp.test`
      const unknown = await sender.client.sendMail(letter(list, 'x'), { saveInSent: true })
      const nobody = await sender.client.sendMail(letter('', 'x'), { saveInSent: true })
      if (version === '2.5' || version === '12.1') {
        assert.ok(unknown.http >= 400 && nobody.http >= 400)
      } else {
        assert.deepEqual([unknown.http, unknown.status], [200, 116])
        assert.deepEqual([nobody.http, nobody.status], [200, 119])
      }
      assert.deepEqual(await subjects(receiver, 2), [])
      assert.deepEqual(await subjects(sender, 5), [])
    })

    test('a reply quotes, a forward carries the files', async () => {
      const [from, to] = [rig.person(), rig.person()]
      const original = Buffer.from(
        [
          'From: carol@corp.test',
          `To: ${from.mail}`,
          'Subject: plan',
          'Content-Type: multipart/mixed; boundary=b',
          '',
          '--b',
          'Content-Type: text/plain',
          '',
          'the old words',
          '--b',
          'Content-Type: text/plain; name=notes.txt',
          'Content-Disposition: attachment; filename=notes.txt',
          '',
          'notes',
          '--b--',
        ].join('\r\n'),
      )
      await rig.mailbox.deliver(from.id, original)
      const sender = await synced(rig, from, version)
      const receiver = await synced(rig, to, version)
      const [itemId = ''] = sender.client.mails().keys()
      const source = { folderId: sender.client.inbox, itemId }
      const headers = ['In-Reply-To: <a@b>', 'Content-Type: text/plain; charset=utf-8']
      const reply = letter(to.mail, 'Re: plan', ...headers)
      assert.equal((await sender.client.smart('SmartReply', source, reply)).body.length, 0)
      const forward = letter(to.mail, 'Fwd: plan', ...headers)
      assert.equal((await sender.client.smart('SmartForward', source, forward)).body.length, 0)
      await subjects(receiver, 2)
      const mails = [...receiver.client.mails().values()]
      const replied = mails.find((one) => one.subject === 'Re: plan')
      const forwarded = mails.find((one) => one.subject === 'Fwd: plan')
      assert.match(replied?.body?.data ?? '', /^hello\n+-----Original Message-----\n/)
      assert.match(replied?.body?.data ?? '', /the old words/)
      assert.deepEqual(replied?.attachments, [])
      assert.match(forwarded?.body?.data ?? '', /the old words/)
      assert.deepEqual(
        forwarded?.attachments.map((one) => one.name),
        ['notes.txt'],
      )
    })
  })
}

describe('sending', () => {
  test('the same ClientId twice is one mail', async () => {
    const [from, to] = [rig.person(), rig.person()]
    const sender = await synced(rig, from)
    const receiver = await synced(rig, to)
    const options = { clientId: 'mail-7', saveInSent: true }
    assert.equal((await sender.client.sendMail(letter(to.mail, 'one'), options)).body.length, 0)
    assert.equal((await sender.client.sendMail(letter(to.mail, 'one'), options)).status, 118)
    assert.deepEqual(await subjects(receiver, 2), ['one'])
    // Another device may use the same id.
    const other = await synced(rig, from)
    assert.equal((await other.client.sendMail(letter(to.mail, 'two'), options)).body.length, 0)
  })

  test('a refused mail may be sent again under its ClientId', async () => {
    const [from, to] = [rig.person(), rig.person()]
    const sender = await synced(rig, from)
    const options = { clientId: 'mail-8' }
    assert.equal((await sender.client.sendMail(letter('no@corp.test', 'one'), options)).status, 116)
    assert.equal((await sender.client.sendMail(letter(to.mail, 'one'), options)).body.length, 0)
  })

  test("strangers get it through the relay, without Bcc, in the sender's own name", async () => {
    const [from, to] = [open.person(), open.person()]
    const sender = await synced(open, from)
    const receiver = await synced(open, to)
    const message = letter(
      `${to.mail}, x@far.test`,
      'one',
      'Bcc: y@far.test',
      'From: boss@corp.test',
    )
    assert.equal((await sender.client.sendMail(message)).body.length, 0)
    const [relayed] = open.relayed.splice(0)
    assert.deepEqual(relayed?.to, ['x@far.test', 'y@far.test'])
    assert.equal(relayed?.from, from.mail)
    const raw = Buffer.from(relayed?.raw ?? []).toString()
    assert.doesNotMatch(raw, /bcc|boss/i)
    assert.match(raw, new RegExp(`^From: .*${from.mail}`, 'm'))
    assert.deepEqual(await subjects(receiver, 2), ['one'])
  })

  test('when the relay fails nobody gets it; sent again it is the same message', async () => {
    let broken = true
    const flaky = await openMailboxRig({
      relay: async () => {
        if (broken) throw new Error('no line')
      },
    })
    const [from, to] = [flaky.person(), flaky.person()]
    const sender = await synced(flaky, from)
    const receiver = await synced(flaky, to)
    const message = letter(`${to.mail}, x@far.test`, 'one')
    const options = { clientId: 'mail-9', saveInSent: true }
    assert.equal((await sender.client.sendMail(message, options)).status, 120)
    assert.deepEqual(await subjects(receiver, 2), [])
    assert.deepEqual(await subjects(sender, 5), [])
    broken = false
    assert.equal((await sender.client.sendMail(message, options)).body.length, 0)
    assert.equal((await sender.client.sendMail(message, options)).status, 118)
    assert.deepEqual(await subjects(receiver, 2), ['one'])
    assert.equal(flaky.relayed.length, 1)
    await flaky.stop()
  })

  test('one who writes to oneself, twice named, gets it once', async () => {
    const from = rig.person()
    const sender = await synced(rig, from)
    await sender.client.sendMail(letter(`${from.mail}, ${from.mail.toUpperCase()}`, 'me'))
    assert.deepEqual(await subjects(sender, 2), ['me'])
  })

  test('a reply to what is gone is 150; ReplaceMime sends what the client wrote', async () => {
    const [from, to] = [rig.person(), rig.person()]
    await rig.mailbox.deliver(from.id, mail('old', 'the old words'))
    const sender = await synced(rig, from)
    const receiver = await synced(rig, to)
    const source = { folderId: sender.client.inbox, itemId: 'po-inbox:999' }
    const reply = letter(to.mail, 'Re: old')
    assert.equal((await sender.client.smart('SmartReply', source, reply)).status, 150)
    const [itemId = ''] = sender.client.mails().keys()
    const whole = { ...source, itemId }
    await sender.client.smart('SmartReply', whole, reply, { replaceMime: true })
    await subjects(receiver, 2)
    const [seen] = receiver.client.mails().values()
    assert.doesNotMatch(seen?.body?.data ?? '', /the old words/)
  })

  test('a signed reply is sent untouched', async () => {
    const [from, to] = [open.person(), open.person()]
    await open.mailbox.deliver(from.id, mail('old', 'the old words'))
    const sender = await synced(open, from)
    const [itemId = ''] = sender.client.mails().keys()
    const type =
      'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b'
    const signed = `To: ${to.mail}, x@far.test\r\nSubject: s\r\nMIME-Version: 1.0\r\n${type}\r\n\r\n--b\r\n\r\nx\r\n--b--`
    await sender.client.smart('SmartReply', { folderId: sender.client.inbox, itemId }, signed)
    const [relayed] = open.relayed.splice(0)
    assert.ok(
      Buffer.from(relayed?.raw ?? [])
        .toString()
        .endsWith('--b\r\n\r\nx\r\n--b--'),
    )
  })

  test('an empty body is refused', async () => {
    const sender = await synced(rig, rig.person(), '12.1')
    assert.equal((await sender.client.sendMail('')).http, 400)
  })
})
