import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { AirSyncBase, Email, Email2 } from '../wbxml/tokens.ts'
import { type Element, element, find, readWbxml, textOf, writeWbxml } from '../wbxml/wbxml.ts'
import { type BodyPreference, type BodyWish, chooseBody, writeBody } from './body.ts'
import { easDate, type EmailItem, writeEmail, writeReadFlag } from './email.ts'
import { effortOf } from '../../../test/effort.ts'

const wish = (
  preferences: readonly Partial<BodyPreference>[],
  more: Partial<BodyWish> = {},
): BodyWish => ({
  bodyPreferences: preferences.map((one) => ({
    type: 1,
    truncationSize: undefined,
    allOrNone: false,
    ...one,
  })),
  mimeSupport: undefined,
  truncation: undefined,
  mimeTruncation: undefined,
  ...more,
})
const forms = {
  text: 'Grüße aus Köln',
  html: '<p>Grüße aus <b>Köln</b></p>',
  mime: Buffer.from('A: b\r\n\r\nGrüße'),
}

describe('which form is chosen', () => {
  const typeOf = (
    preferences: readonly number[],
    mimeSupport?: number,
    given: Partial<typeof forms> = forms,
  ) =>
    chooseBody(
      given,
      wish(
        preferences.map((type) => ({ type })),
        { mimeSupport },
      ),
      '14.1',
    ).type

  test('MIME where it is supported and asked for, else HTML, else text', () => {
    assert.equal(typeOf([1, 2, 4], 2), 4)
    assert.equal(typeOf([1, 2, 4], 0), 2)
    assert.equal(typeOf([1, 2, 4], undefined), 2)
    assert.equal(typeOf([1, 2, 4], 1), 2)
    assert.equal(typeOf([1, 4], 0), 1)
    assert.equal(typeOf([1]), 1)
    assert.equal(typeOf([]), 1)
  })

  test('never a form that does not exist', () => {
    const { text, html } = forms
    assert.equal(typeOf([2, 1], 2, { text }), 1)
    assert.equal(typeOf([2, 4], 2, { text }), 1)
    assert.equal(typeOf([1], 0, { html }), 2)
    assert.equal(typeOf([3], 0, { text, html }), 1)
    assert.equal(chooseBody({}, wish([]), '14.1').data, '')
  })

  test('2.5 knows text, and MIME where it is supported', () => {
    assert.equal(chooseBody(forms, wish([]), '2.5').type, 1)
    assert.equal(chooseBody(forms, wish([], { mimeSupport: 2 }), '2.5').type, 4)
    assert.equal(chooseBody({ text: 'x' }, wish([], { mimeSupport: 2 }), '2.5').type, 1)
  })
})

describe('how it is cut', () => {
  test('at whole characters, counted in bytes of UTF-8', () => {
    const cut = (truncationSize: number) => chooseBody(forms, wish([{ truncationSize }]), '14.1')
    assert.deepEqual(cut(2), { type: 1, data: 'Gr', size: 17, truncated: true })
    assert.equal(cut(3).data, 'Gr')
    assert.equal(cut(4).data, 'Grü')
    assert.equal(cut(0).data, '')
    assert.deepEqual(cut(17), { type: 1, data: forms.text, size: 17, truncated: false })
  })

  test('not inside a tag', () => {
    const cut = chooseBody(forms, wish([{ type: 2, truncationSize: 17 }]), '14.1')
    assert.equal(cut.data, '<p>Grüße aus ')
    assert.equal(cut.truncated, true)
  })

  test('all or none: the next form, or nothing at all', () => {
    const strict = { type: 2, truncationSize: 5, allOrNone: true }
    assert.equal(chooseBody(forms, wish([strict, { type: 1, truncationSize: 50 }]), '14.1').type, 1)
    const nothing = chooseBody(forms, wish([strict]), '14.1')
    assert.equal(nothing.data, '')
    assert.equal(nothing.truncated, true)
    assert.equal(nothing.size, Buffer.byteLength(forms.html))
  })

  test('classes of 2.5 and of MIME', () => {
    const long = { text: 'x'.repeat(200_000), mime: Buffer.alloc(200_000, 'y') }
    const sizes = [0, 512, 1024, 2048, 5120, 10_240, 20_480, 51_200, 102_400, 200_000]
    for (const [truncation, size] of sizes.entries())
      assert.equal(chooseBody(long, wish([], { truncation }), '2.5').data.length, size)
    const mimeSizes = [0, 4096, 5120, 7168, 10_240, 20_480, 51_200, 102_400, 200_000]
    for (const [mimeTruncation, size] of mimeSizes.entries()) {
      const asked = wish([{ type: 4 }], { mimeSupport: 2, mimeTruncation })
      assert.equal(chooseBody(long, asked, '14.1').data.length, size)
    }
  })

  test('no cut is longer than asked, and every cut is a beginning', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(60), (text, truncationSize) => {
        const { data, size, truncated } = chooseBody({ text }, wish([{ truncationSize }]), '16.1')
        assert.ok(typeof data === 'string')
        assert.ok(Buffer.byteLength(data) <= Math.max(truncationSize, truncated ? 0 : size))
        assert.ok(text.toWellFormed().startsWith(data))
        assert.equal(truncated, size > truncationSize)
      }),
    )
  })

  test('a message that is not UTF-8 travels as bytes', () => {
    const mime = Buffer.from('Subject: \xe4\r\n', 'latin1')
    const body = chooseBody({ mime }, wish([{ type: 4 }], { mimeSupport: 2 }), '14.1')
    const root = element(AirSyncBase.Attachments, writeBody(body, 1, '14.1'))
    const [sent] =
      find(readWbxml(writeWbxml(root)), AirSyncBase.Body, AirSyncBase.Data)?.children ?? []
    assert.ok(sent instanceof Uint8Array)
    assert.deepEqual(Buffer.from(sent), mime)
  })
})

describe('a message', () => {
  const item: EmailItem = {
    from: '"Bob, Jr." <bob@example.org>',
    to: '"Doe, Ann" <ann@example.org>, eve@example.org, <x@example.org>',
    cc: 'c@example.org',
    replyTo: 'r@example.org',
    subject: 'Re: AW: Fwd: Figures',
    received: Date.UTC(2026, 9, 5, 7),
    read: false,
    nativeBodyType: 2,
    conversationId: Uint8Array.of(1, 2),
    attachments: [
      { displayName: 'a.pdf', fileReference: 'f1:7:0', size: 9, contentId: 'cid', isInline: true },
    ],
  }
  const body = chooseBody(forms, wish([{ type: 2 }]), '14.1')
  const data = (version: '2.5' | '12.1' | '14.1') =>
    element(
      AirSyncBase.Attachments,
      writeEmail(item, version === '2.5' ? chooseBody(forms, wish([]), '2.5') : body, version),
    )
  const tags = (root: Element) =>
    root.children.map((child) => (typeof child === 'object' && 'tag' in child ? child.tag : 0))

  test('14.1', () => {
    const root = data('14.1')
    assert.equal(textOf(root, Email.DateReceived), '2026-10-05T07:00:00.000Z')
    assert.equal(textOf(root, Email.DisplayTo), 'Doe, Ann; eve@example.org; x@example.org')
    assert.equal(textOf(root, Email.ThreadTopic), 'Figures')
    assert.equal(textOf(root, Email.Importance), '1')
    assert.equal(textOf(root, Email.Read), '0')
    assert.equal(textOf(root, Email.MessageClass), 'IPM.Note')
    assert.equal(textOf(root, AirSyncBase.Body, AirSyncBase.Type), '2')
    assert.equal(textOf(root, AirSyncBase.NativeBodyType), '2')
    assert.equal(
      textOf(root, AirSyncBase.Attachments, AirSyncBase.Attachment, AirSyncBase.FileReference),
      'f1:7:0',
    )
    assert.equal(
      textOf(root, AirSyncBase.Attachments, AirSyncBase.Attachment, AirSyncBase.IsInline),
      '1',
    )
    assert.equal(textOf(root, Email.Flag), '')
    assert.ok(find(root, Email2.ConversationId))
  })

  test('12.1 has no conversations, 2.5 neither flags nor AirSyncBase', () => {
    assert.equal(find(data('12.1'), Email2.ConversationId), undefined)
    assert.ok(find(data('12.1'), Email.Flag))
    const old = data('2.5')
    assert.ok(tags(old).every((tag) => tag >> 6 === 2))
    assert.equal(textOf(old, Email.Body), forms.text)
    assert.equal(textOf(old, Email.BodySize), '17')
    assert.equal(textOf(old, Email.BodyTruncated), '0')
    assert.equal(textOf(old, Email.Attachments, Email.Attachment, Email.AttName), 'f1:7:0')
    assert.equal(find(old, Email.Flag), undefined)
    const mime = writeBody(chooseBody(forms, wish([], { mimeSupport: 2 }), '2.5'), 1, '2.5')
    assert.deepEqual(
      mime.map((one) => one.tag),
      [Email.MIMETruncated, Email.MIMEData, Email.MIMESize],
    )
  })

  test('headers of strangers cost time in proportion to their length', async () => {
    const strangers = [
      '"'.repeat(32_000),
      '<'.repeat(32_000),
      ','.repeat(32_000),
      `Re:${' '.repeat(100_000)}x`,
      'Re: '.repeat(3000),
    ]
    const effort = await effortOf(() => {
      for (const evil of strangers)
        writeEmail({ ...item, to: evil, subject: evil }, undefined, '14.1')
    })
    assert.ok(effort < 1000, `${effort} ms`)
  })

  test('small answers', () => {
    assert.deepEqual(writeReadFlag(true), [element(Email.Read, 1)])
    assert.equal(easDate(0), '1970-01-01T00:00:00.000Z')
  })
})
