import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createTransport } from 'nodemailer'
import { mail, monday } from '../../test/fake/mailbox-rig.ts'
import { createManualClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { silentLog } from '../base/log.ts'
import type { UserId } from '../directory/directory.ts'
import { type SmtpListener, startSmtp } from './smtp.ts'

const delivered: { user: UserId; text: string }[] = []
let broken: Error | undefined
let listener: SmtpListener

const people: Readonly<Record<string, UserId>> = {
  'alice@corp.test': 'usr_alice',
  'alias@corp.test': 'usr_alice',
  'bob@corp.test': 'usr_bob',
}

before(async () => {
  listener = await startSmtp({
    listen: '127.0.0.1:0',
    log: silentLog,
    clock: createManualClock(monday),
    async resolveUser(address) {
      const id = people[address]
      return id && { id }
    },
    async deliver(user, message) {
      if (broken) throw broken
      delivered.push({ user, text: Buffer.from(message).toString('latin1') })
    },
  })
})
after(() => listener.stop())

async function send(to: readonly string[], raw: Uint8Array | string) {
  const { host, port } = listener
  const line = createTransport({ host, port, secure: false, ignoreTLS: true })
  try {
    const envelope = { from: 'carol@far.test', to: [...to] }
    return await line.sendMail({ envelope, raw: Buffer.from(raw) })
  } finally {
    line.close()
  }
}

describe('the SMTP listener', () => {
  test('delivers to each user once, with where it came from', async () => {
    await send(['alice@corp.test', 'alias@corp.test', 'bob@corp.test'], mail('hello', 'a\r\n.b'))
    const seen = delivered.splice(0)
    assert.deepEqual(seen.map(({ user }) => user).sort(), ['usr_alice', 'usr_bob'])
    const lines = (seen[0]?.text ?? '').split('\r\n')
    assert.equal(lines[0], 'Return-Path: <carol@far.test>')
    assert.match(
      lines[1] ?? '',
      /^Received: from \[127\.0\.0\.1\] by postern with ESMTP; Mon, 05 Oct 2026 07:00:00 \+0000$/,
    )
    assert.match(seen[0]?.text ?? '', /\r\n\r\na\r\n\.b\r\n$/)
  })

  test('refuses who is not here with 550, and delivers to the others', async () => {
    await assert.rejects(send(['nobody@corp.test'], mail('x')), { responseCode: 550 })
    assert.equal(delivered.length, 0)
    const sent = await send(['nobody@corp.test', 'bob@corp.test'], mail('x'))
    assert.deepEqual(sent.rejected, ['nobody@corp.test'])
    assert.deepEqual(
      delivered.splice(0).map(({ user }) => user),
      ['usr_bob'],
    )
  })

  test('is not accepted before it is stored', async () => {
    broken = new Failure('store.unavailable', 'no disk')
    await assert.rejects(send(['bob@corp.test'], mail('x')), { responseCode: 451 })
    broken = undefined
    assert.equal(delivered.length, 0)
  })

  test('a message over the limit is 552', async () => {
    const large = Buffer.concat([mail('large'), Buffer.alloc(36_700_160, 'a\r\n')])
    await assert.rejects(
      send(['bob@corp.test'], large),
      (thrown: Error & { responseCode?: number }) => thrown.responseCode === 552,
    )
    assert.equal(delivered.length, 0)
  })

  test('offers no login and no TLS, and survives garbage', async () => {
    const talk = (lines: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(listener.port, listener.host)
        let heard = ''
        socket.on('data', (data) => {
          heard += data.toString()
        })
        socket.on('error', reject)
        socket.on('close', () => resolve(heard))
        socket.once('data', () => socket.write(lines))
      })
    const heard = await talk(
      'EHLO x\r\nAUTH PLAIN AGEAYg==\r\nSTARTTLS\r\n\u0000\u0001\r\nQUIT\r\n',
    )
    assert.doesNotMatch(heard, /250[ -](AUTH|STARTTLS)/)
    assert.match(heard, /250[ -]SIZE 36700160/)
    assert.match(heard, /^221 /m)
    await send(['bob@corp.test'], mail('still here'))
    assert.equal(delivered.splice(0).length, 1)
  })

  test('a wrong address to listen on is told', async () => {
    const rest = { log: silentLog, resolveUser: async () => undefined, deliver: async () => {} }
    for (const listen of ['25', 'localhost:', ':25', 'localhost:99999', '']) {
      await assert.rejects(startSmtp({ ...rest, listen }), { code: 'config.invalid' }, listen)
    }
  })
})
