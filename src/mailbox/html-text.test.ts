import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { htmlToText, textToHtml } from './html-text.ts'
import { effortOf } from '../../test/effort.ts'

describe('htmlToText', () => {
  test('keeps what a reader sees', () => {
    const html = `<html><head><title>no</title><style>p { color: red }</style></head><body>
      <h1>Hello &amp; welcome</h1><p>one<br>two &#8364; &#x41;</p><!-- not <b>this</b> -->
      <script>alert("no")</script><ul><li>first</li><li>second</li></ul>
      <a href="https://x.test/a?b=1&amp;c=2">link</a> <a href="https://y.test">https://y.test</a></body></html>`
    assert.equal(
      htmlToText(html),
      [
        'Hello & welcome',
        '',
        'one',
        'two € A',
        '',
        'first',
        '',
        'second',
        '',
        'link <https://x.test/a?b=1&c=2> https://y.test',
      ].join('\n'),
    )
  })

  test('never shows script, and takes no javascript: address for a link', () => {
    assert.equal(htmlToText('<a href="javascript:alert(1)">x</a><script>y</script>'), 'x')
  })

  test('takes any text, in time that grows with its length only', async () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => htmlToText(text).length >= 0))
    const hostile = ['<', '<br>', '<a href=', '&', ' ', '<!--', '</a>', 'a<b ', '\n', '&#x']
    for (const piece of hostile) {
      const ms = await effortOf(() => htmlToText(piece.repeat(300_000)))
      assert.ok(ms < 1500, `${JSON.stringify(piece)}: ${ms} ms`)
    }
  })
})

describe('textToHtml', () => {
  test('gives the same text back, and no tag', () => {
    assert.equal(
      textToHtml('a<b>&"c"\r\nd'),
      '<html><body>a&#60;b&#62;&#38;&#34;c&#34;<br>\nd</body></html>',
    )
    const words = fc.stringMatching(/^[!-~]{1,20}$/)
    fc.assert(fc.property(words, (text) => htmlToText(textToHtml(text)) === text))
  })
})
