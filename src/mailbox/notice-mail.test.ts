import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { monday, notice } from '../../test/fake/mailbox-rig.ts'
import { readMessage } from './message.ts'
import { composeNotice } from './notice-mail.ts'

describe('composeNotice', () => {
  test('is a message with both forms', async () => {
    const message = await readMessage(composeNotice(notice, monday))
    assert.equal(message.from, '"Postern" <postern@corp.test>')
    assert.equal(message.to, 'alice@corp.test')
    assert.equal(message.subject, notice.subject)
    assert.equal(message.importance, 2)
    assert.equal(message.text?.trim(), notice.text.trim())
    assert.equal(message.html?.trim(), notice.html)
  })

  test('no word of a notice becomes a header, a part or a boundary', async () => {
    const words = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.constantFrom(
        'x\r\nBcc: evil@x.test',
        '--',
        '=?utf-8?B?eA==?=',
        '\r\n\r\n<b>',
        'Grüße "a" <b>',
      ),
    )
    await fc.assert(
      fc.asyncProperty(words, words, words, async (subject, text, html) => {
        const raw = composeNotice({ ...notice, subject, text, html }, monday)
        const head = Buffer.from(raw).toString('latin1').split('\r\n\r\n')[0] ?? ''
        assert.doesNotMatch(head, /^Bcc:/im)
        const message = await readMessage(raw)
        assert.equal(message.attachments.length, 0)
        assert.equal(message.from, '"Postern" <postern@corp.test>')
        const flat = (value: string) => value.replace(/[\p{Cc}\s]+/gu, ' ').trim()
        assert.equal(flat(message.subject), flat(subject))
      }),
      { numRuns: 300 },
    )
  })
})
