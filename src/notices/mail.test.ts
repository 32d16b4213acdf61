import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import PostalMime from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { Secret } from '../base/secret.ts'
import { createMailer, type Mail, writeMessage } from './mail.ts'

const mail: Mail = {
  from: 'Postern <postern@example.org>',
  to: 'anna@example.org',
  subject: 'Your mail is waiting: Grüße',
  text: 'Guten Tag\n',
  html: '<p>Guten Tag</p>\n',
  messageId: '<abc@postern.invalid>',
  at: Date.UTC(2026, 5, 1, 12),
}

const servers: SMTPServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0))
    await new Promise<void>((resolve) => server.close(resolve))
})

/** A real SMTP server on a free port, and what it took. */
async function serve(
  options: SMTPServerOptions = {},
): Promise<{ url: string; taken: { to: string[]; source: string; user: unknown }[] }> {
  const taken: { to: string[]; source: string; user: unknown }[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address)
        taken.push({ to, source: Buffer.concat(chunks).toString(), user: session.user })
        done()
      })
    },
    ...options,
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  assert.ok(typeof address === 'object' && address)
  return { url: `smtp://127.0.0.1:${address.port}`, taken }
}

test('a mail arrives in both forms, for one person, and asks no robot to answer', async () => {
  const { url, taken } = await serve()
  assert.equal(await createMailer({ smtpUrl: url }).deliver(mail), 'sent')
  const [got] = taken
  assert.ok(got)
  assert.deepEqual(got.to, ['anna@example.org'])
  const read = await PostalMime.parse(got.source)
  assert.equal(read.from?.address, 'postern@example.org')
  assert.equal(read.subject, mail.subject)
  assert.equal(read.text?.trim(), 'Guten Tag')
  assert.equal(read.html?.trim(), '<p>Guten Tag</p>')
  assert.equal(read.messageId, mail.messageId)
  assert.equal(read.date, '2026-06-01T12:00:00.000Z')
  assert.equal(read.headers.find(({ key }) => key === 'auto-submitted')?.value, 'auto-generated')
})

test('the same message can be had as bytes', async () => {
  const bytes = await writeMessage(mail)
  const read = await PostalMime.parse(bytes)
  assert.equal(read.subject, mail.subject)
  assert.equal(read.to?.[0]?.address, 'anna@example.org')
  assert.match(Buffer.from(bytes).toString(), /\r\n/)
})

test('attack: an address or subject that would add recipients or headers', async () => {
  const { url, taken } = await serve()
  const mailer = createMailer({ smtpUrl: url })
  await mailer.deliver({ ...mail, to: 'anna@example.org, eve@evil.example' }).catch(() => 'failed')
  await mailer
    .deliver({ ...mail, to: 'anna@example.org\r\nBcc: eve@evil.example' })
    .catch(() => 'failed')
  await mailer.deliver({ ...mail, subject: 'x\r\nBcc: eve@evil.example' })
  assert.ok(taken.every(({ to }) => to.length <= 1 && !to.includes('eve@evil.example')))
  for (const { source } of taken) {
    const read = await PostalMime.parse(source)
    assert.equal(read.bcc, undefined)
  }
})

test('a recipient or content that is refused for good is not tried again', async () => {
  const refusing = (code: number) => Object.assign(new Error('no'), { responseCode: code })
  const nobody = await serve({ onRcptTo: (_address, _session, done) => done(refusing(550)) })
  assert.equal(await createMailer({ smtpUrl: nobody.url }).deliver(mail), 'refused')
  const content = await serve({
    onData(stream, _session, done) {
      stream.resume().on('end', () => done(refusing(554)))
    },
  })
  assert.equal(await createMailer({ smtpUrl: content.url }).deliver(mail), 'refused')
})

test('what may pass, or is our own set-up, is a failure that is tried again', async () => {
  const refusing = (code: number) => Object.assign(new Error('no'), { responseCode: code })
  const later = await serve({ onRcptTo: (_address, _session, done) => done(refusing(451)) })
  const sender = await serve({ onMailFrom: (_address, _session, done) => done(refusing(550)) })
  for (const { url } of [later, sender, { url: 'smtp://127.0.0.1:1' }]) {
    await assert.rejects(createMailer({ smtpUrl: url }).deliver(mail), {
      code: 'upstream.unavailable',
    })
  }
})

test('name and password come from the secret or from the address', async () => {
  const { url, taken } = await serve({
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      if (username === 'ann:a'.split(':')[0] && password === 'p:w') done(null, { user: username })
      else done(new Error('wrong'))
    },
  })
  await createMailer({ smtpUrl: url, credentials: new Secret('ann:p:w') }).deliver(mail)
  await createMailer({ smtpUrl: url.replace('//', '//ann:p%3Aw@') }).deliver(mail)
  assert.deepEqual(
    taken.map(({ user }) => user),
    ['ann', 'ann'],
  )
  await assert.rejects(
    createMailer({ smtpUrl: url, credentials: new Secret('ann:x') }).deliver(mail),
    {
      code: 'upstream.unavailable',
    },
  )
})
