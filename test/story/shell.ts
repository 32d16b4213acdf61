import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import type { World } from '../../src/postern.ts'
import { typed } from '../fake/terminal.ts'
import { openSite, type Site } from './site.ts'

/** What a command said, and its exit code. */
interface Typed {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A site with an administrator who types. */
export interface Shell extends Site {
  readonly folder: string
  /** Types one command; the data folder is said by itself. */
  type(...argv: readonly string[]): Promise<Typed>
  file(name: string, text: string): Promise<string>
}

/** Types commands to the server of this data folder. */
export function typeAt(data: string): Shell['type'] {
  return async (...argv) => {
    const { code, out, complaints } = await typed('--data', data, ...argv)
    return { code, out: out.replace(/\n$/, ''), err: complaints.join('\n') }
  }
}

/** Opens one for one test; `world` replaces clock or log. */
export async function openShell(t: TestContext, world: World = {}): Promise<Shell> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-commands-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const site = await openSite(t, { data: folder }, world)
  return {
    ...site,
    folder,
    type: typeAt(folder),
    async file(name, text) {
      const path = join(folder, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
      return path
    },
  }
}
