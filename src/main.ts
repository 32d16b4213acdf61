import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { systemClock } from './base/clock.ts'
import { runCli } from './cli/cli.ts'

const print = (line: string) => void process.stdout.write(`${line}\n`)
const write = (text: string) =>
  new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (fault) => (fault ? reject(fault) : resolve()))
  })
const complain = (line: string) => void process.stderr.write(`${line}\n`)

/** Resolves when the operating system asks us to stop. */
function asked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

/** Gives back what only the start needed, some 8 MB, which V8 would otherwise keep for as long as the process idles. */
function tidyHeap(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (how: object) => void // what the flag above exposes
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** Serves until asked to stop. What people read goes to standard error; standard output gets one line for programs. */
async function run(options: { config?: string; data?: string; listen?: string }): Promise<void> {
  const stop = asked()
  // Loaded when serving only: a CLI command starts in a fraction of the time.
  const [{ readConfig }, { startPostern }] = await Promise.all([
    import('./config.ts'),
    import('./postern.ts'),
  ])
  const config = readConfig({ file: options.config, data: options.data, listen: options.listen })
  const postern = await startPostern(config)
  for (const line of postern.welcome) complain(line)
  print(`postern ready ${postern.url}`)
  systemClock.after(1000, tidyHeap)
  await stop
  await postern.stop()
}

// Who reads our output may have seen enough: `postern judge … | head`.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code !== 'EPIPE') throw fault
  process.exit(1)
})

process.exitCode = await runCli(process.argv.slice(2), {
  run,
  async demo(options) {
    const [{ playDemo }, { startPostern }] = await Promise.all([
      import('./demo/demo.ts'),
      import('./postern.ts'),
    ])
    return playDemo(options, startPostern, print)
  },
  print,
  write,
  complain,
})
