import { type ChildProcess, fork, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A child of the benchmark, with what it costs. */
export interface Child {
  readonly pid: number
  stop(): Promise<void>
}

/** Microseconds of processor time that a process and its children have used, from `/proc`; steps of 10 ms. */
export function cpuMicros(pid: number): number {
  // After the name, which may hold anything but a closing parenthesis of its own at the end: fields 14 and 15 are utime, stime.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop()?.split(' ') ?? []
  const ticks = Number(fields[11]) + Number(fields[12])
  return childrenOf(pid).reduce((sum, child) => sum + cpuMicros(child), ticks * 10_000)
}

/** Resident memory of a process and its children, in KB. */
export function residentKb(pid: number): number {
  const own = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return childrenOf(pid).reduce((sum, child) => sum + residentKb(child), Number(own ?? 0))
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(join(`/proc/${pid}/task`, task, 'children'), 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )
}

/** Starts a module of this folder and waits for the first message that it sends. */
export async function startModule(
  name: string,
  args: readonly string[] = [],
): Promise<Child & { readonly told: unknown; readonly channel: ChildProcess }> {
  const child = fork(join(import.meta.dirname, name), args, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const told = await new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
  })
  return { pid: child.pid ?? 0, told, channel: child, stop: () => end(child) }
}

/** Starts a program and waits until a line of its standard output, or error, matches. */
export async function startProgram(
  file: string,
  args: readonly string[],
  ready: RegExp,
): Promise<Child & { readonly line: string }> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  const line = await new Promise<string>((resolve, reject) => {
    const take = (piece: Buffer) => {
      text += piece.toString()
      const found = ready.exec(text)
      if (found) resolve(found[0])
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}: ${text}`)))
  })
  child.stdout.resume()
  child.stderr.resume()
  return { pid: child.pid ?? 0, line, stop: () => end(child) }
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
