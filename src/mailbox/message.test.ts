import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import MailComposer from 'nodemailer/lib/mail-composer'
import { readMessage, textOfMessage, wordsOf } from './message.ts'

const lines = (...all: string[]) => Buffer.from(all.join('\r\n'))

const whole = lines(
  'From: =?utf-8?Q?J=C3=B6rg?= <joerg@x.test>',
  'To: "A, B" <ab@x.test>, Team: c@x.test, d@x.test;',
  'Cc: e@x.test',
  'Subject: =?utf-8?B?w6TDtg==?= and',
  '  more',
  'References: <root@x.test> <mid@x.test>',
  'X-Priority: 1 (Highest)',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p>Guten <b>Tag</b></p>',
  '--b',
  'Content-Type: application/pdf; name="plan.pdf"',
  'Content-Transfer-Encoding: base64',
  'Content-Disposition: attachment; filename="../plan\u0007.pdf"',
  '',
  Buffer.from('PDF!').toString('base64'),
  '--b--',
)

describe('readMessage', () => {
  test('takes headers, body and attachments apart', async () => {
    const message = await readMessage(whole)
    assert.equal(message.from, '"Jörg" <joerg@x.test>')
    assert.equal(message.to, '"A, B" <ab@x.test>, c@x.test, d@x.test')
    assert.equal(message.cc, 'e@x.test')
    assert.equal(message.subject, 'äö and more')
    assert.equal(message.importance, 2)
    assert.equal(message.text, undefined)
    assert.equal(textOfMessage(message), 'Guten Tag')
    assert.equal(message.secured, false)
    const [attachment] = message.attachments
    assert.equal(message.attachments.length, 1)
    assert.equal(attachment?.type, 'application/pdf')
    assert.equal(Buffer.from(attachment?.bytes ?? []).toString(), 'PDF!')
    assert.doesNotMatch(attachment?.name ?? '', /[\p{Cc}]/u)
  })

  test('the messages of a thread have one conversation', async () => {
    const first = await readMessage(lines('Message-ID: <root@x.test>', 'Subject: a', '', 'x'))
    const reply = await readMessage(whole)
    const other = await readMessage(lines('Message-ID: <other@x.test>', 'Subject: a', '', 'x'))
    assert.deepEqual(first.conversationId, reply.conversationId)
    assert.equal(first.conversationId.length, 16)
    assert.notDeepEqual(first.conversationId, other.conversationId)
  })

  test('a signed message is known as one', async () => {
    const type =
      'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b'
    assert.equal((await readMessage(lines(type, '', '--b--'))).secured, true)
  })

  test('parts in parts without end become one file at the depth where looking ends', async () => {
    let deep = 'Subject: deep\r\n'
    for (let level = 0; level < 500; level++) {
      deep += `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`
    }
    const message = await readMessage(Buffer.from(deep))
    assert.equal(message.subject, 'deep')
    assert.deepEqual(
      message.attachments.map((one) => one.type),
      ['multipart/mixed'],
    )
  })

  test('what a mailer composed is what is read', async () => {
    const words = fc
      .string({ unit: 'grapheme', maxLength: 80 })
      .map((text) => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ').trim())
    const some = words.filter((text) => text !== '')
    const files = fc.array(fc.record({ filename: some, content: fc.uint8Array() }), {
      maxLength: 3,
    })
    await fc.assert(
      fc.asyncProperty(
        words,
        some,
        fc.option(some),
        files,
        async (subject, text, html, attached) => {
          const attachments = attached.map(({ filename, content }) => {
            return { filename, content: Buffer.from(content), contentType: 'application/x-thing' }
          })
          const composer = new MailComposer({
            from: 'a@x.test',
            to: { name: 'Ann Ö, B', address: 'ann@x.test' },
            subject,
            text,
            ...(html !== null && { html }),
            attachments,
          })
          const message = await readMessage(await composer.compile().build())
          assert.equal(message.subject.replaceAll(' ', ''), subject.replaceAll(' ', ''))
          assert.equal(message.to, '"Ann Ö, B" <ann@x.test>')
          assert.equal(message.text?.trimEnd(), text)
          assert.equal(message.html?.trimEnd(), html ?? undefined)
          assert.deepEqual(
            message.attachments.map((one) => [one.type, Buffer.from(one.bytes)]),
            attachments.map((one) => [one.contentType, one.content]),
          )
        },
      ),
      { numRuns: 200 },
    )
  })

  test('any bytes become a message', async () => {
    const pieces = fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=b\r\n',
      'Content-Transfer-Encoding: base64\r\n',
      'Subject: =?utf-8?B?////?=\r\n',
      'From: <<>>,,,"\r\n',
      '\r\n--b\r\n',
      '\r\n--b--\r\n',
      '\r\n\r\n',
      '\0',
      'Content-Type: message/rfc822\r\n\r\n',
      '=?x?q?=00?=',
    )
    const hostile = fc.array(fc.oneof(pieces, fc.string()), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          hostile.map((all) => Buffer.from(all.join(''))),
          fc.uint8Array(),
        ),
        async (raw) => {
          const message = await readMessage(raw)
          assert.equal(typeof message.subject, 'string')
          assert.doesNotMatch(message.subject, /[\r\n\0]/)
          assert.doesNotMatch(await wordsOf(raw), /\0/)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('wordsOf', () => {
  test('finds subject, people and text in lower case', async () => {
    const words = await wordsOf(whole)
    for (const word of ['äö and more', 'jörg', 'ab@x.test', 'guten tag']) {
      assert.ok(words.includes(word), word)
    }
  })

  test('looks at the start of a large message only', async () => {
    const large = Buffer.concat([
      Buffer.from('Subject: big\r\n\r\nstart\r\n'),
      Buffer.alloc(3e6, 120),
    ])
    const words = await wordsOf(large)
    assert.ok(words.length <= 262_144)
    assert.ok(words.includes('start'))
  })
})
