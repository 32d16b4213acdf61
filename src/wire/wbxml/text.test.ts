import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../base/failures.ts'
import { asciiText, bufferOf, decodeText, pieceOfText, shortText } from './text.ts'

const isMalformed = (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === 'request.malformed'

describe('text of a document', () => {
  test('law: any text comes back from between other bytes, by both readers', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 100 }),
        fc.uint8Array({ maxLength: 5 }),
        fc.uint8Array({ maxLength: 5 }),
        (text, before, after) => {
          const bytes = Buffer.concat([before, Buffer.from(text), after])
          const [start, end] = [before.length, bytes.length - after.length]
          assert.equal(decodeText(bytes, start, end), text)
          assert.equal(pieceOfText(new Uint8Array(bytes), start, end), text)
        },
      ),
    )
  })

  test('law: what is not UTF-8 is malformed and never replaced', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const outcome = (read: () => string) => {
      try {
        return read()
      } catch (thrown) {
        assert.ok(isMalformed(thrown) || thrown instanceof TypeError)
        return undefined
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const expected = outcome(() => strict.decode(bytes))
        assert.equal(
          outcome(() => pieceOfText(bytes, 0, bytes.length)),
          expected,
        )
      }),
    )
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]])
      assert.throws(() => pieceOfText(Uint8Array.from(bytes), 0, bytes.length), isMalformed)
    // The sender may write that very character.
    assert.equal(pieceOfText(Buffer.from('a\ufffd'), 0, 4), 'a\ufffd')
  })

  test('ASCII of every length that has a way of its own', () => {
    const letters = Uint8Array.from({ length: shortText + 4 }, (_, at) => 0x41 + (at % 26))
    for (let length = 0; length <= shortText; length++)
      for (const start of [0, 3])
        assert.equal(
          asciiText(letters, start, length),
          bufferOf(letters).toString('latin1', start, start + length),
        )
  })
})
