import { fork, type ChildProcess } from 'node:child_process'
import { glob } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Ended, suites, type Suite, type Tally } from './suites.ts'

/** After its last test a process may take this long to close what it opened. */
const closingMs = 60_000
const nothing: Tally = { passed: 0, failed: [], skipped: 0 }
const running = new Set<ChildProcess>()
/** Whether laws try values that nobody tried before. */
const explore = process.argv.includes('--explore')

/** Ends a process with all that it started: real servers must not outlive their test. */
function end(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    // Nothing of its group is left.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Runs files in one process of their own; a crash, a hang or a leak counts as a failed test. */
function runProcess(suite: Suite, files: readonly string[]): Promise<Tally> {
  const live = suite.atOnce === 1
  const given = [suite.name, explore ? 'explore' : 'same', ...files]
  const child = fork(fileURLToPath(new URL('suite.ts', import.meta.url)), given, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    detached: true,
    silent: !live,
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return new Promise((resolve, reject) => {
    let tally: Tally | undefined
    let fault = ''
    const endBy = (ms: number, why: string) =>
      setTimeout(() => {
        fault = why
        end(child)
      }, ms)
    let timer = endBy(suite.processTimeoutMs, 'did not finish in time')
    child.on('message', (message) => {
      const ended = message as Ended
      tally = ended.tally
      clearTimeout(timer)
      timer = endBy(ended.leaks ? 0 : closingMs, 'left something open after its last test')
    })
    child.on('error', reject)
    child.on('exit', () => end(child))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      running.delete(child)
      process.stdout.write(output)
      if (!fault && (!tally || (code !== 0 && tally.failed.length === 0)))
        fault = `ended early with ${signal ?? code}`
      const failed = fault ? [`${suite.shared ? suite.name : files.join(' ')}: ${fault}`] : []
      for (const what of failed) console.log(`  FAILED ${what}`)
      resolve(add(tally ?? nothing, { ...nothing, failed }))
    })
  })
}

/** Runs a suite: its files shared out among its processes, or one file after another in each. */
async function runSuite(suite: Suite, files: readonly string[]): Promise<Tally> {
  const { atOnce, shared } = suite
  const waiting = shared
    ? Array.from({ length: atOnce }, (_, at) => files.filter((_file, n) => n % atOnce === at))
    : files.map((file) => [file])
  const work = async () => {
    let sum = nothing
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      if (part.length === 0) continue
      if (atOnce === 1) console.log(`  ${part.join(' ')}`)
      sum = add(sum, await runProcess(suite, part))
    }
    return sum
  }
  const sums = await Promise.all(Array.from({ length: atOnce }, work))
  return sums.reduce(add, nothing)
}

function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: [...a.failed, ...b.failed],
    skipped: a.skipped + b.skipped,
  }
}

function words({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** Runs the named suites, or all, and closes with what failed and one plain line of counts. */
async function runTests(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name))
  if (unknown.length > 0) throw new Error(`no such suite: ${unknown.join(', ')}`)
  let total = nothing
  for (const suite of suites) {
    if (names.length > 0 && !names.includes(suite.name)) continue
    const files = await Array.fromAsync(glob([...suite.globs]))
    if (files.length === 0) continue
    const start = performance.now()
    console.log(`${suite.name} ...`)
    const tally = await runSuite(suite, files.toSorted())
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    console.log(`${suite.name}: ${words(tally)} in ${seconds} s`)
    total = add(total, tally)
  }
  // Whoever reads only the end of a long log must find them.
  for (const what of total.failed) console.log(`  FAILED ${what}`)
  console.log(words(total))
  if (total.failed.length > 0 || total.passed === 0) process.exitCode = 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const child of running) end(child)
    process.kill(process.pid, signal)
  })
}
await runTests(process.argv.slice(2).filter((argument) => argument !== '--explore'))
