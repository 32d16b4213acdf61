import { execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { freePorts, idsOf } from './daemon.ts'

const run = promisify(execFile)

/** A real PostgreSQL of Debian on a free port of 127.0.0.1, thrown away at its stop. */
export interface RealPostgres {
  /** Makes an empty database and returns its URL. */
  createDatabase(): Promise<string>
  /** Freezes the server and all its sessions: connections stay open, nothing answers. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Stops the server and ends all its sessions; the data stays. */
  halt(): Promise<void>
  /** Starts it again on the same port. */
  resume(): Promise<void>
  stop(): Promise<void>
}

/** Starts one below the temporary folder, as unix user `postgres` when this process is root. */
export async function startPostgres(): Promise<RealPostgres> {
  const bin = findBinaries()
  const folder = await mkdtemp(join(tmpdir(), 'postern-postgres-'))
  const user = process.getuid?.() === 0 ? await idsOf('postgres') : undefined
  if (user) await chown(folder, user.uid, user.gid)
  await chmod(folder, 0o700)
  const data = join(folder, 'data')
  const as = (program: string, args: readonly string[]) =>
    run(join(bin, program), args, { cwd: folder, ...user })
  const setUp = ['-U', 'postern', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  await as('initdb', ['-D', data, ...setUp])
  const [port] = await freePorts(1)
  const server = createServerOf(bin, folder, data, port, user)
  const url = (name: string) => `postgres://postern@127.0.0.1:${port}/${name}`
  let databases = 0
  try {
    await server.start()
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true })
    throw thrown
  }
  return {
    async createDatabase() {
      const client = new Client({ connectionString: url('postgres') })
      await client.connect()
      databases += 1
      await client.query(`create database test${databases}`)
      await client.end()
      return url(`test${databases}`)
    },
    freeze: () => server.signalAll('SIGSTOP'),
    thaw: () => server.signalAll('SIGCONT'),
    halt: () => server.halt('SIGINT'),
    resume: server.start,
    async stop() {
      await server.halt('SIGQUIT')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type User = { uid: number; gid: number } | undefined

function createServerOf(bin: string, folder: string, data: string, port: number, user: User) {
  let server: ReturnType<typeof spawn> | undefined
  const sessions = async () => {
    const pid = server?.pid
    if (pid === undefined) throw new Error('PostgreSQL is not running')
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)])
    return [pid, ...stdout.split('\n').flatMap((line) => (line.trim() ? [Number(line)] : []))]
  }
  return {
    async start() {
      const settings = [
        `port=${port}`,
        'listen_addresses=127.0.0.1',
        `unix_socket_directories=${folder}`,
      ]
      const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
      // It ends with this process, however that one ends; SIGQUIT is its own word for "at once".
      const command = ['--pdeathsig', 'QUIT', join(bin, 'postgres'), ...args]
      const child = spawn('setpriv', command, {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
        ...user,
      })
      server = child
      let said = ''
      await new Promise<void>((resolve, reject) => {
        child.stderr?.on('data', (text) => {
          said = (said + String(text)).slice(-4000)
          if (said.includes('database system is ready to accept connections')) resolve()
        })
        child.once('error', reject)
        child.once('exit', () => reject(new Error(`PostgreSQL did not start: ${said}`)))
      })
      // A test that dies must not leave a server behind.
      process.once('exit', () => child.kill('SIGQUIT'))
    },
    async signalAll(signal: NodeJS.Signals) {
      for (const pid of await sessions()) {
        try {
          process.kill(pid, signal)
        } catch (error) {
          // A session may end by itself between the two.
          if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
        }
      }
    },
    /** `SIGINT` ends it tidily, which spares the next start a recovery; `SIGQUIT` at once. */
    async halt(signal: NodeJS.Signals) {
      const child = server
      server = undefined
      if (!child || child.exitCode !== null) return
      // A frozen server would not hear the end.
      child.kill('SIGCONT')
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill(signal)
      await ended
    },
  }
}

function findBinaries(): string {
  const base = '/usr/lib/postgresql'
  const versions = existsSync(base)
    ? readdirSync(base)
        .map(Number)
        .sort((a, b) => b - a)
    : []
  const found = versions
    .map((version) => join(base, String(version), 'bin'))
    .find((bin) => {
      return existsSync(join(bin, 'postgres')) && existsSync(join(bin, 'initdb'))
    })
  if (!found) throw new Error('PostgreSQL is missing: install the Debian package postgresql')
  return found
}
