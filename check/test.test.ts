import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const runner = fileURLToPath(new URL('test.ts', import.meta.url))
const head = "const { test } = await import('node:test')\n"

/** Runs the runner over planted stories; returns its exit code and its lines. */
async function runStories(t: TestContext, stories: Readonly<Record<string, string>>) {
  const root = await mkdtemp(join(tmpdir(), 'suite-'))
  t.after(() => rm(root, { recursive: true }))
  await mkdir(join(root, 'test/story'), { recursive: true })
  for (const [name, text] of Object.entries(stories))
    await writeFile(join(root, `test/story/${name}.test.ts`), head + text)
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const done = spawnSync(process.execPath, [runner], { cwd: root, env, encoding: 'utf8' })
  return { status: done.status, lines: done.stdout.trimEnd().split('\n') }
}

test('the last line counts what passed, and the exit code is 0', async (t) => {
  const stories = { a: "test('x', (t) => t.test('y', () => {}))", b: "test('z', () => {})" }
  const { status, lines } = await runStories(t, stories)
  assert.equal(lines.at(-1), '3 passed, 0 failed')
  assert.equal(status, 0)
})

test('a failed test, one that does not load and one that exits are counted and named', async (t) => {
  const { status, lines } = await runStories(t, {
    fails: "test('wrong', () => { throw new Error('planted') })",
    missing: "await import('./nothing.ts')",
    quits: "test('quits', () => process.exit(0))",
  })
  assert.equal(lines.at(-1), '0 passed, 3 failed')
  assert.equal(status, 1)
  const failed = lines.filter((line) => line.startsWith('  FAILED')).join('\n')
  assert.match(failed, /FAILED wrong/)
  assert.match(failed, /FAILED test\/story\/missing/)
  assert.match(failed, /FAILED test\/story\/quits\.test\.ts: ended early/)
  assert.ok(lines.some((line) => line.includes('planted')))
})

test('what is thrown after its test has ended is a failure, named again at the end', async (t) => {
  const { status, lines } = await runStories(t, {
    late: "test('early', () => { setTimeout(() => { throw new Error('planted') }, 50) }); test('next', () => new Promise((done) => setTimeout(done, 300)))",
  })
  assert.equal(lines.at(-1), '2 passed, 1 failed')
  assert.match(lines.at(-2) ?? '', /^ {2}FAILED .*"early".*planted/)
  assert.equal(status, 1)
})

test('no test at all is no success', async (t) => {
  const { status, lines } = await runStories(t, {})
  assert.equal(lines.at(-1), '0 passed, 0 failed')
  assert.equal(status, 1)
})
