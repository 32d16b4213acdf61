import assert from 'node:assert/strict'
import { runCli } from '../../src/cli/cli.ts'

/** What a command said, and its exit code. */
export interface Typed {
  readonly code: number
  /** Lines and pieces as they came; a line ends with a line break. */
  readonly out: string
  /** One complaint each. */
  readonly complaints: readonly string[]
}

/** Types a command that serves nothing. */
export async function typed(...argv: readonly string[]): Promise<Typed> {
  let out = ''
  const complaints: string[] = []
  const refuse = () => assert.fail('this command serves nothing')
  const code = await runCli(argv, {
    run: refuse,
    demo: refuse,
    print: (line) => void (out += `${line}\n`),
    write: async (text) => void (out += text),
    complain: (line) => void complaints.push(line),
  })
  return { code, out, complaints }
}
