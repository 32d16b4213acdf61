import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHostileBytes } from '../../../test/wbxml-documents.ts'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import { readWbxml, skimWbxml, writeWbxml } from './wbxml.ts'
import { effortOf } from '../../../test/effort.ts'

const inputs = 1_000_000
/** Far above what the slowest of these small inputs takes, far below what a quadratic reader would. */
const longestMs = 50

/** The value, or the code of the failure; anything else that is thrown is a fault. */
function outcome<T>(read: () => T): T | string {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.code
    throw thrown
  }
}

const nothing = () => {}

/** The least effort of a few runs in milliseconds: a busy machine is not slowness of the reader. */
async function quickest(run: () => void): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 40 && least > longestMs / 2; round++) {
    least = Math.min(least, await effortOf(run))
  }
  return least
}

test(`${inputs} hostile inputs give a value or a coded failure, in bounded time, and the readers agree`, async (context) => {
  // Most inputs fail, and most of the time would go into stack traces that nobody looks at.
  const frames = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  context.after(() => {
    Error.stackTraceLimit = frames
  })
  const next = createHostileBytes(1)
  const codes = new Set<string>()
  let values = 0
  for (let count = 0; count < inputs; count++) {
    const bytes = next()
    const start = performance.now()
    const walked = outcome(() => skimWbxml(bytes, nothing))
    const tree = outcome(() => readWbxml(bytes))
    if (performance.now() - start > longestMs) {
      const took = await quickest(() => outcome(() => readWbxml(bytes)))
      assert.ok(took < longestMs, `input ${count}: ${took} ms`)
    }
    if (typeof tree === 'string') {
      // The tree also refuses ill-formed UTF-8, which the walk does not look at, and does so before what comes later.
      if (walked !== tree) assert.equal(tree, 'request.malformed')
      codes.add(tree)
    } else {
      values++
      assert.equal(walked, tree.tag)
      if (values % 16 === 0) assert.deepEqual(readWbxml(writeWbxml(tree)), tree)
    }
  }
  assert.deepEqual([...codes].sort(), ['limit.exceeded', 'request.malformed'])
  assert.ok(values > inputs / 50, `only ${values} inputs were documents`)
})

const header = [3, 1, 0x6a, 0]

/** The largest allowed documents of each kind that could cost more than their size, and what becomes of them. */
const largest = limits.wbxmlBytes.value
const heavy: readonly (readonly [name: string, bytes: Uint8Array, expected: string])[] = [
  ['open elements without end', filled(0x45), 'limit.exceeded'],
  ['empty elements without end', filled(0x45, 0x05), 'limit.exceeded'],
  ['page switches without end', filled(0x45, 0x00), 'request.malformed'],
  ['text without end', filled(0x45, 0x03, 0x61), 'request.malformed'],
  ['empty texts without end', filled(0x45, 0x03, 0x00), 'limit.exceeded'],
  ['lengths without end', filled(0x45, 0xc3, 0x80), 'request.malformed'],
  ['ten megabytes', new Uint8Array(10 * largest).fill(0x45), 'limit.exceeded'],
]

function filled(...pattern: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(largest)
  bytes.set(header)
  const [first = 0, ...rest] = pattern
  bytes[4] = first
  for (let at = 5; at < largest; at++) bytes[at] = rest[(at - 5) % rest.length] ?? first
  // A text that never ends: one letter after the string token.
  if (rest[0] === 3 && rest[1] !== 0) bytes.fill(rest[1] ?? 0, 6)
  return bytes
}

for (const [name, bytes, expected] of heavy) {
  test(`${name}: ${expected}, within ${longestMs} ms and little memory`, async () => {
    const before = process.memoryUsage().heapUsed
    assert.equal(
      outcome(() => readWbxml(bytes)),
      expected,
    )
    const grown = process.memoryUsage().heapUsed - before
    assert.equal(
      outcome(() => skimWbxml(bytes, nothing)),
      expected,
    )
    assert.ok(grown < 64 * largest, `${grown} bytes`)
    const took = await quickest(() => outcome(() => readWbxml(bytes)))
    assert.ok(took < longestMs, `${took} ms`)
  })
}
