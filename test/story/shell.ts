import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { runCli } from '../../src/cli/cli.ts'
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

/** Opens one for one test. */
export async function openShell(t: TestContext): Promise<Shell> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-commands-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const site = await openSite(t, { data: folder })
  return {
    ...site,
    folder,
    async type(...argv) {
      const [out, err]: [string[], string[]] = [[], []]
      const refuse = () => assert.fail('this command serves nothing')
      const code = await runCli(['--data', folder, ...argv], {
        run: refuse,
        demo: refuse,
        print: (line) => void out.push(line),
        complain: (line) => void err.push(line),
        write: async (text) => void out.push(text),
      })
      return { code, out: out.join('\n'), err: err.join('\n') }
    },
    async file(name, text) {
      const path = join(folder, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
      return path
    },
  }
}
