import { execFile, spawn, spawnSync } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Ports of 127.0.0.1 that nobody listens on. */
export async function freePorts(count: number): Promise<[number, number, number, number]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            if (address && typeof address === 'object') resolve(address.port)
            else reject(new Error('no port'))
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports as [number, number, number, number] // as many as were asked for
}

/** A unix user's ids. */
export async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const ask = async (flag: string) => Number((await run('id', [flag, user])).stdout)
  return { uid: await ask('-u'), gid: await ask('-g') }
}

/**
 * Starts a program that stays in the foreground; returns its end. It ends with this process too, however that one ends:
 * a test that is killed must not leave a mail server behind.
 */
export async function daemon(
  program: string,
  args: readonly string[],
  options: { user?: string; log: string; environment?: Record<string, string> },
): Promise<() => Promise<void>> {
  const log = await open(options.log, 'a')
  const child = spawn('/usr/bin/setpriv', ['--pdeathsig', 'KILL', program, ...args], {
    stdio: ['ignore', log.fd, log.fd],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', ...options.environment },
    detached: true,
    ...(options.user !== undefined && (await idsOf(options.user))),
  })
  await log.close()
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} did not start`)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  // Workers outlive a killed parent for seconds: children first (pkill finds none where there are none), then the group.
  const kill = () => {
    spawnSync('pkill', ['-KILL', '-P', String(pid)])
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // it has ended already
    }
  }
  process.once('exit', kill)
  return async () => {
    process.removeListener('exit', kill)
    kill()
    await ended
  }
}

/** Resolves when somebody listens there; rejects with the log when nobody does for ten seconds. */
export async function listening(port: number, what: string, log: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (open) return
    await pause(50)
  }
  throw new Error(`${what} did not start: ${await readFile(log, 'utf8').catch(() => '')}`)
}
