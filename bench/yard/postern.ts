import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { findLocalAccess } from '../../src/cli/connection.ts'
import type { Config } from '../../src/config.ts'
import { type Stage, setStage } from '../../src/demo/stage.ts'
import type { Certificate } from './certificate.ts'
import { type Child, startProgram } from './child.ts'

/** A whole Postern in a process of its own, started as `npm start` starts it, with an administrator's line to it. */
export interface PosternChild extends Child {
  readonly stage: Stage
  readonly port: number
}

const root = join(import.meta.dirname, '..', '..')

/** The flags that `npm start` gives to Node. */
function startFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: { start: string }
  } // our own file
  return scripts.start.split(' ').filter((word) => word.startsWith('--'))
}

/** Starts one in front of `upstreamPort`, enforcing; `nodeFlags` go before those of `npm start`. */
export async function startPosternChild(options: {
  upstreamPort: number | undefined
  tls?: Certificate
  nodeFlags?: readonly string[]
}): Promise<PosternChild> {
  const { upstreamPort, tls, nodeFlags = [] } = options
  let child: (Child & { line: string }) | undefined
  const changes: Partial<Config> = {
    plainHttp: tls === undefined,
    ...(tls && { tls: { key: tls.keyFile, certificate: tls.certificateFile } }),
    ...(upstreamPort !== undefined && {
      upstream: {
        eas: `http://127.0.0.1:${upstreamPort}/Microsoft-Server-ActiveSync`,
        keepAlive: true,
        maxVersion: '14.1',
      },
    }),
  }
  const stage = await setStage(async (config) => {
    const { secrets: _, ...values } = config
    const file = join(config.data, 'bench.yaml')
    await writeFile(file, stringify(values))
    const args = [join(root, 'bin', 'postern.js'), 'run', '--config', file]
    child = await startProgram(
      process.execPath,
      [...nodeFlags, ...startFlags(), ...args],
      /postern ready \S+/,
    )
    const url = child.line.split(' ').pop() ?? ''
    const local = { ...findLocalAccess(config.data), ...(tls && { authority: tls.pem }) }
    return { url, local, welcome: [], stop: child.stop }
  }, changes)
  await stage.administrator.call('PUT', '/postern/enforcement', { state: 'enforcing' })
  return { stage, pid: child?.pid ?? 0, port: Number(new URL(stage.url).port), stop: stage.stop }
}
