import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ComposeMail } from '../wbxml/tokens.ts'
import { element, readWbxml, writeWbxml } from '../wbxml/wbxml.ts'
import { readCompose } from './compose.ts'

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
})
