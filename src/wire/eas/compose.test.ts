import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ComposeMail } from '../wbxml/tokens.ts'
import { element, readWbxml, writeWbxml } from '../wbxml/wbxml.ts'
import { peekMark, readCompose } from './compose.ts'

const malformed = { code: 'request.malformed' }

describe('SendMail, SmartReply, SmartForward', () => {
  const mime = Buffer.from('Subject: \xe4\r\n\r\nbody', 'latin1')
  const clientId = element(ComposeMail.ClientId, 'c1')

  test('the message arrives byte for byte', () => {
    const root = element(
      ComposeMail.SendMail,
      clientId,
      element(ComposeMail.SaveInSentItems),
      element(ComposeMail.Mime, mime),
    )
    const request = readCompose(readWbxml(writeWbxml(root)))
    assert.deepEqual(Buffer.from(request.mime), mime)
    assert.deepEqual(
      { ...request, mime: undefined },
      {
        command: 'SendMail',
        clientId: 'c1',
        saveInSentItems: true,
        replaceMime: false,
        accountId: undefined,
        source: undefined,
        mime: undefined,
      },
    )
  })

  test('the source of a reply; text instead of opaque bytes', () => {
    const source = element(
      ComposeMail.Source,
      element(ComposeMail.FolderId, 'f1'),
      element(ComposeMail.ItemId, 'f1:7'),
    )
    for (const [tag, command] of [
      [ComposeMail.SmartReply, 'SmartReply'],
      [ComposeMail.SmartForward, 'SmartForward'],
    ] as const) {
      const root = element(
        tag,
        clientId,
        source,
        element(ComposeMail.ReplaceMime),
        element(ComposeMail.Mime, 'A: b\r\n'),
      )
      const request = readCompose(root)
      assert.equal(request.command, command)
      assert.equal(request.replaceMime, true)
      assert.equal(request.saveInSentItems, false)
      assert.deepEqual(request.source, { folderId: 'f1', itemId: 'f1:7', longId: undefined })
      assert.equal(Buffer.from(request.mime).toString(), 'A: b\r\n')
    }
  })

  test('without ClientId or message it is refused', () => {
    for (const content of [
      [clientId],
      [element(ComposeMail.Mime, mime)],
      [clientId, element(ComposeMail.Mime)],
    ])
      assert.throws(() => readCompose(element(ComposeMail.SendMail, content)), malformed)
  })

  test('a message is told by its first bytes, wherever they end', () => {
    const text =
      'From: a@b.c\r\nMessage-Id:\r\n <one@b.c>\r\nSubject: x\r\n\r\nMessage-ID: <two@b.c>\r\n'
    const root = element(
      ComposeMail.SendMail,
      clientId,
      element(ComposeMail.Mime, Buffer.from(text)),
    )
    const whole = writeWbxml(root)
    assert.deepEqual(peekMark(whole), { clientId: 'c1', messageId: '<one@b.c>' })
    const marks = Array.from({ length: whole.length }, (_, end) => peekMark(whole.subarray(0, end)))
    const told = marks.filter((mark) => mark !== undefined)
    assert.ok(told.length > 50)
    for (const mark of told) {
      assert.equal(mark.clientId, 'c1')
      assert.ok(['', '<one@b.c>'].includes(mark.messageId))
    }
    for (const other of [element(ComposeMail.SendMail), element(ComposeMail.Mime, 'x')])
      assert.equal(peekMark(writeWbxml(other)), undefined)
    assert.equal(peekMark(Buffer.from('garbage')), undefined)
    assert.equal(peekMark(new Uint8Array()), undefined)
  })
})
