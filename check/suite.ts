import { run, type TestsStream } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { type Ended, suites, type Suite } from './suites.ts'

/** When all tests are done, this much silence means that something was left open. */
const silenceMs = 60_000

/**
 * Runs test files in this process and tells a person what happened: each failure in full, and each outermost test
 * of a file that runs alone. The counts go to test.ts, which started this process.
 */
function runFiles(suite: Suite, files: readonly string[]): void {
  const events = run({ files: [...files], isolation: 'none', timeout: suite.testTimeoutMs })
  const failed: string[] = []
  const fail = (what: string, why = '') => {
    failed.push(what)
    console.log(`  FAILED ${what}\n${why.replaceAll(/^/gm, '    ')}`)
  }
  events.on('test:fail', ({ name, file, line, details }) => {
    if (isOnlyParent(details.error)) return
    const cause: unknown = details.error.cause ?? details.error
    fail(`${name}  (${file ?? ''}:${line ?? ''})`, inspect(cause, { colors: process.stdout.isTTY }))
  })
  // What is thrown after its test has ended is told in no other way.
  events.on('test:diagnostic', ({ message }) => {
    if (message.startsWith('Error: ')) fail(message)
  })
  events.on('test:pass', ({ name, nesting, details }) => {
    if (suite.shared || nesting > 0) return
    console.log(`  ok ${name} (${(details.duration_ms / 1000).toFixed(1)} s)`)
  })
  events.on('test:summary', ({ counts, success }) => {
    const { passed, skipped, todo } = counts
    // A test that was cancelled, a hook or a file can fail without a word.
    const silent = counts.tests - passed - skipped - todo
    if (failed.length === 0 && (silent > 0 || !success)) fail(`${silent} tests, without a word`)
    tell({ tally: { passed, failed, skipped: skipped + todo }, leaks: false })
  })
  watchForLeaks(events, failed)
  events.resume()
}

/** node:test sums up only once the process comes to rest; one that never does is noticed by its silence. */
function watchForLeaks(events: TestsStream, failed: readonly string[]): void {
  let open = 0
  let passed = 0
  let silence: NodeJS.Timeout | undefined
  const listen = () => {
    clearTimeout(silence)
    if (open > 0 || passed + failed.length === 0) return
    silence = setTimeout(
      () => tell({ tally: { passed, failed, skipped: 0 }, leaks: true }),
      silenceMs,
    ).unref()
  }
  // As they are run; `test:start` and `test:pass` come in the order of their lines, maybe much later.
  events.on('test:dequeue', () => {
    open += 1
    listen()
  })
  events.on('test:complete', () => {
    open -= 1
    listen()
  })
  events.on('test:pass', ({ details }) => {
    if (details.type !== 'suite') passed += 1
    listen()
  })
  events.on('test:fail', listen)
}

function tell(ended: Ended): void {
  process.send?.(ended)
}

/** A test that failed only because one inside it did has nothing to add. */
function isOnlyParent(error: Error): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed'
}

const [name, seed, ...files] = process.argv.slice(2)
// Laws try the same values every time, so that what passed once lands; `--explore` tries others.
if (seed !== 'explore') fc.configureGlobal({ seed: 20_261_125 })
const suite = suites.find((one) => one.name === name)
if (!suite) throw new Error(`no such suite: ${name}`)
runFiles(suite, files)
