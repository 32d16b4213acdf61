import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readPlist } from '../../../test/fake/plist.ts'
import { Failure } from '../../base/failures.ts'
import { type Plist, writePlist } from './plist.ts'

/** XML 1.0 cannot hold the others, however they are written. */
const xmlText = fc
  .string({ unit: 'binary' })
  .map((text) =>
    text.replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, ''),
  )

const { value } = fc.letrec<{ value: Plist }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    xmlText,
    fc.maxSafeInteger(),
    fc.boolean(),
    fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
      .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000)),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.dictionary(
      xmlText.filter((key) => key !== '__proto__'),
      tie('value'),
    ),
  ),
}))

test('law: what is written is read again as it was', () => {
  fc.assert(
    fc.property(value, (one) => {
      const plain = (read: Plist) => JSON.parse(JSON.stringify(read)) as unknown
      assert.deepEqual(plain(readPlist(writePlist(one))), plain(one))
    }),
  )
})

test('a property list is written as Apple writes one', () => {
  const list = { Name: 'a<b>&"c"', Bytes: new Uint8Array([1, 2, 255]), On: true, List: [1, {}] }
  assert.equal(
    writePlist(list),
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
      '<plist version="1.0">',
      '<dict>',
      '\t<key>Name</key>',
      '\t<string>a&lt;b&gt;&amp;"c"</string>',
      '\t<key>Bytes</key>',
      '\t<data>AQL/</data>',
      '\t<key>On</key>',
      '\t<true/>',
      '\t<key>List</key>',
      '\t<array>',
      '\t\t<integer>1</integer>',
      '\t\t<dict/>',
      '\t</array>',
      '</dict>',
      '</plist>',
      '',
    ].join('\n'),
  )
})

test('what no property list can hold is refused, not left out', () => {
  for (const wrong of [
    'a\u0000b',
    '\u001b[2J',
    '\ud800',
    '\ufffe',
    1.5,
    Number.NaN,
    new Date(Number.NaN),
  ])
    assert.throws(
      () => writePlist({ wrong }),
      (thrown) => thrown instanceof Failure && thrown.code === 'request.malformed',
      JSON.stringify(wrong),
    )
})
