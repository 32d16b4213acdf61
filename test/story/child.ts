import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Connection, connect, findLocalAccess } from '../../src/cli/connection.ts'

/** A Postern in a process of its own, as an operator runs it. */
export interface Child {
  readonly url: string
  /** PEM certificate that its TLS is checked against. */
  readonly authority: string
  readonly administrator: Connection
  readonly pid: number
  /** From the start of the process to its one line on standard output. */
  readonly readyMs: number
  /** Sends a signal and resolves with how the process ended. */
  end(signal: NodeJS.Signals): Promise<Ended>
  /** Lines of its log: warnings and errors. */
  complaints(): readonly string[]
}

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const program = fileURLToPath(new URL('../../bin/postern.js', import.meta.url))

/** Where a Postern runs: the same again after its end is a restart. */
export interface Place {
  readonly data: string
  readonly port: number
  /** Over an environment with nothing of ours in it. */
  readonly environment?: Readonly<Record<string, string>>
  /** What runs the program in place of Node itself. */
  readonly under?: readonly [string, ...string[]]
}

/** What ends with a test, or with a suite. */
interface Lifetime {
  after(end: () => Promise<void> | void): void
}

/** A folder that goes with the test, and a port that was free a moment ago. */
export async function newPlace(
  t: Lifetime,
  environment: Readonly<Record<string, string>> = {},
): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-child-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return { data: join(folder, 'data'), port: await freePort(), environment }
}

/** Starts one; resolves when it serves, rejects when it ends before that. */
export async function startChild(t: Lifetime, place: Place): Promise<Child> {
  const { child, ended, said } = launch(place)
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const since = performance.now()
  const readyMs = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      if (text.toString().startsWith('postern ready ')) resolve(performance.now() - since)
    })
    void ended.then(({ code, signal }) =>
      reject(new Error(`ended with ${signal ?? code} before it served: ${said()}`)),
    )
  })
  const local = findLocalAccess(place.data)
  const administrator = await connect(local)
  return {
    url: local.url,
    authority: local.authority,
    administrator,
    pid: child.pid ?? 0,
    readyMs,
    complaints: () =>
      said()
        .split('\n')
        .filter((line) => line.startsWith('{')),
    async end(signal) {
      child.kill(signal)
      const how = await ended
      await administrator.close()
      return how
    },
  }
}

/** Runs one that is not to serve, to its end. */
export async function runChild(place: Place): Promise<Ended & { readonly said: string }> {
  const { ended, said } = launch(place)
  return { ...(await ended), said: said() }
}

function launch({ data, port, environment = {}, under }: Place) {
  const options = ['--disable-warning=ExperimentalWarning', program, 'run', '--data', data]
  const argv = [...(under ?? []), process.execPath, ...options, '--listen', `127.0.0.1:${port}`]
  const [command = '', ...rest] = argv
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      POSTERN_MAIL_LISTEN: '127.0.0.1:0',
      POSTERN_LOG: 'warn',
      ...environment,
    },
  })
  let text = ''
  child.stderr.on('data', (piece: Buffer) => {
    text = (text + piece.toString()).slice(-20_000)
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, ended, said: () => text }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  assert.ok(address && typeof address === 'object')
  return address.port
}
