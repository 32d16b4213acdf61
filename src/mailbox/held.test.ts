import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

test('ten thousand held Pings cost little memory, and end together', async (context) => {
  const script = new URL('../../test/fake/held-pings.ts', import.meta.url).pathname
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['--expose-gc', script, '10000'])
  const { bytesEach, msToEndAll, answered } = JSON.parse(stdout)
  context.diagnostic(`${bytesEach} bytes for each, ${msToEndAll} ms to end all`)
  assert.equal(answered, 10_500)
  assert.ok(bytesEach < 2000, `${bytesEach} bytes`)
  assert.ok(msToEndAll < 1000, `${msToEndAll} ms`)
})
