import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { ChunkReader } from './chunks.ts'

/** The body that comes out, or how it broke. */
function read(text: string, cuts: readonly number[] = []): string {
  const bytes = Buffer.from(text, 'latin1')
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const reader = new ChunkReader()
  let body = ''
  let at = 0
  for (const end of ends) {
    for (;;) {
      const step = reader.step(bytes.subarray(0, end), at)
      if (step.kind === 'broken') return 'broken'
      at = step.next
      if (step.kind === 'more') break
      if (step.kind === 'end') return `${body}|${text.slice(at)}`
      body += bytes.toString('latin1', step.at, step.at + step.size)
    }
  }
  return 'more'
}

const chunked = (chunks: readonly string[], end = '0\r\n\r\n') =>
  chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('') + end

it('law: what was chunked comes out whole, wherever it is cut', () => {
  const chunk = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 5 }), fc.array(fc.nat()), (chunks, cuts) => {
      assert.equal(read(`${chunked(chunks)}rest`, cuts), `${chunks.join('')}|rest`)
      assert.equal(read(chunked(chunks).slice(0, -1), cuts), 'more')
    }),
  )
})

it('extensions and trailers are dropped', () => {
  assert.equal(read('2;a=b\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n'), 'ab|')
})

it('anything else is broken', () => {
  for (const text of [
    '-1\r\n',
    '0x2\r\nab\r\n',
    '2\r\nabc\r\n',
    '\r\n',
    '2\nab\r\n\r\n',
    ' 2\r\n',
    '123456789\r\n',
    '0\r\nfolded\r\n\r\n',
    'a'.repeat(2000),
  ])
    assert.equal(read(text), 'broken', JSON.stringify(text.slice(0, 20)))
})
