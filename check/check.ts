import { spawn } from 'node:child_process'

/** Everything that must hold before a commit, the quickest first. */
const steps: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: 'format', command: ['biome', 'format'] },
  { name: 'lint', command: ['oxlint', '--type-aware'] },
  { name: 'types', command: ['tsc', '-p', '.', '--noEmit'] },
  { name: 'tidy', command: ['node', 'check/tidy.ts'] },
  { name: 'knip', command: ['knip', '--no-progress'] },
  { name: 'tests', command: ['node', 'check/test.ts', 'unit'] },
]

/** Runs every step, even after one failed: one look shows all there is to do. Only failures speak. */
async function check(): Promise<void> {
  const failed: string[] = []
  for (const { name, command } of steps) {
    const start = performance.now()
    const { code, output } = await run(command)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
    if (code === 0) continue
    failed.push(name)
    console.log(output.trimEnd().replaceAll(/^/gm, '    '))
  }
  console.log(failed.length === 0 ? 'all is well' : `not yet: ${failed.join(', ')}`)
  if (failed.length > 0) process.exitCode = 1
}

function run([command = '', ...args]: readonly string[]) {
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

await check()
